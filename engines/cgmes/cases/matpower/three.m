function mpc = three
%THREE  Three buses with one of everything.
mpc.version = '2';
mpc.baseMVA = 100;

%% bus data
%	bus_i	type	Pd	Qd	Gs	Bs	area	Vm	Va	baseKV	zone	Vmax	Vmin
mpc.bus = [
	1	3	0	0	0	0	1	1.02	0	110	1	1.1	0.9;
	2	1	40	12	0	19	1	1	-2.5	110	1	1.1	0.9;	% a load and a capacitor
	3	1	20	5	0	0	1	1	-4	20	1	1.1	0.9;
];

%% generator data
%	bus	Pg	Qg	Qmax	Qmin	Vg	mBase	status	Pmax	Pmin	...
mpc.gen = [
	1	62	20	60	-30	1.02	80	1	70	25	0	0	0	0	0	0	0	0	0	0	0;
];

%% branch data
%	fbus	tbus	r	x	b	rateA	rateB	rateC	ratio	angle	status	angmin	angmax
mpc.branch = [
	1	2	0.017	0.092	0.158	150	150	150	0	0	1	-360	360;
	2	3	0	0.25	0	40	40	40	0.985	-30	1	-360	360;
	1	2	0.034	0.184	0.079	75	75	75	0	0	0	-360	360;
];
