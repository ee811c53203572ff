# Words of grid models: what was noticed while they were read, and what to do about it.

finding-missing-value = Not given for { $count ->
    [one] one element
   *[other] { $count } elements
}: { $elements }.
hint-missing-value = Computations that need it will name each element; add it to the source or to a converted native file.
finding-left-out = Left out, because a bus or another needed value is missing: { $elements }.
hint-left-out = Look at the buses these elements name and at their ratings.
finding-repeated = The identity is given twice; the later one was left out: { $elements }.
finding-not-understood = Has no counterpart in the model and was left out.
hint-not-understood = Faults are computed without it; replace it by an equivalent if it feeds or connects something.
finding-one-of-several = The file holds { $of } models; this is number { $part }.
hint-one-of-several = Choose another with --part.
finding-passed-over = The file belongs to no format of this model and was passed over.

finding-assumed-frequency = The frequency is not given; { $hz } Hz was assumed.
finding-assumed-voltage = The nominal voltage is not given; { $kv } kV was assumed: { $elements }.
hint-assumed-voltage = Currents in kA depend on it: give the buses their voltage.
finding-assumed-data = Short-circuit data follow a fixed rule (x"d 20 % on P/0.85, x0 = 3·x1, r0 = 2·r1, all neutrals earthed).
hint-assumed-data = Use the results to try things out, never for settings.
finding-assumed-z0-is-z1 = The zero-sequence impedance is 0 and was taken as the positive-sequence one: { $elements }.
finding-assumed-block = Taken as a power-station block: a unit alone at the low side of a transformer that is marked so: { $elements }.
finding-assumed-sk = The source gives no short-circuit power; { $mva } MVA was assumed: { $elements }.
finding-assumed-value = A value is not given and was assumed: { $elements }.

finding-not-reciprocal = The impedance differs by direction: { $elements }.
hint-not-reciprocal = Symmetrical networks use the values from the first bus; the others are kept in the model.
finding-switch-impedance-left-out = Switches with an impedance count as without: { $elements }.
finding-voltages-differ = Connects buses of different nominal voltage: { $elements }.
hint-voltages-differ = Check the nominal voltages; between them there should be a transformer.
finding-tap-at-star-point = A tap changer at the star point counts as at its winding: { $elements }.
finding-bad-vector-group = The vector group “{ $found }” cannot be read and counts as unknown: { $elements }.
hint-bad-vector-group = Write it like YNd11; earth faults need it.
finding-sequence-data-left-out = Their sequence data were not read, no fault is computed with them: { $elements }.
hint-sequence-data-left-out = Where shunts lead to earth, add their zero-sequence admittances to a converted native file.
finding-bad-connection-code = The connection code { $found } is not known; the winding connections stay unknown: { $elements }.
hint-bad-connection-code = Earth faults need them: add the vector group and the earthing to a converted native file.
finding-ward-as-impedance = Feeds faults as an impedance to earth without voltage of its own: { $elements }.
finding-charging-left-out = The charging of transformer branches was left out: { $elements }.
finding-magnetizing-left-out = The magnetising branch was left out: { $elements }.
finding-zero-impedance-as-switch = Branches without impedance became switches: { $elements }.
finding-code-not-run = Code that changes the matrices was not run.
hint-code-not-run = Load the case in MATPOWER and save it, then read the saved file.
finding-no-sequence-data = There are no sequence data: zero and negative sequence are missing throughout.
hint-no-sequence-data = Give the .seq file together with the .raw file.
finding-other-version = The version of the file is { $found }; versions 33 to 35 are known, it was read like the nearest.
finding-step-up-left-out = The machine includes a step-up transformer, which was left out: { $elements }.
hint-step-up-left-out = Model the transformer on its own with a bus at the machine.
finding-inverter-machine = A machine behind power electronics; its current limits are not in the file: { $elements }.
finding-cut-off = Ends within a section: it was cut off, and what followed is missing.
hint-cut-off = Get the whole file; raw data end with Q.
finding-end-missing = Has no closing Q: whole sections may be missing.
hint-end-missing = Compare it with its source; raw data end with Q.
finding-unnamed-section = A section without a name was passed over.
hint-unnamed-section = End the section before it with a line like “0 / END OF … DATA, BEGIN … DATA”.

finding-no-source = Nothing feeds the network: every fault current would be 0.
hint-no-source = Add a network feeder or put a unit in service.
finding-dead-buses = { $count ->
    [one] One of { $of } buses is
   *[other] { $count } of { $of } buses are
} fed by nothing: { $elements }.

finding-unreadable-value = “{ $text }” is not what this value should be; it counts as missing.
hint-unreadable-value = Write numbers with a point, and yes or no as true or false.
finding-dangling-reference = { $count ->
    [one] One reference leads
   *[other] { $count } references lead
} to nothing in the files: { $elements }.
hint-dangling-reference = Add the file that defines what is meant; often it is the boundary set.
finding-undefined-object = { $count ->
    [one] One object is
   *[other] { $count } objects are
} spoken of but nowhere defined: { $elements }.
hint-undefined-object = Add the equipment file that belongs to this state.
finding-duplicate-id = { $count ->
    [one] One identity is
   *[other] { $count } identities are
} defined twice; the first definition holds: { $elements }.
hint-duplicate-id = Give each file once.
finding-contradiction = Files disagree; the first value holds: { $elements }.
finding-cyclic-containment = Containers contain each other: { $elements }.
hint-cyclic-containment = Correct the containers; a voltage level lies in a substation, a bay in a voltage level.
finding-difference-model = The file holds only differences to another one, which are not applied.
hint-difference-model = Give the full model.
finding-unknown-voltage = Nodes without nominal voltage were left out with what ends there: { $elements }.
hint-unknown-voltage = Give their voltage level a base voltage.
finding-not-connected = Left out, because nothing says where it is connected: { $elements }.
hint-not-connected = Check the terminals; a bus-branch model needs its TP file.
finding-open-end = One end leads nowhere and counts as open: { $elements }.
finding-unknown-position = Switches without any position count as closed: { $elements }.
hint-unknown-position = Add the SSH file.
finding-closed-ground-switch = A closed earthing switch is not in the model: { $elements }.
hint-closed-ground-switch = Open it, or take out of service what it earths.
finding-zero-impedance = Without impedance: { $elements }.
hint-zero-impedance = Faults take it as a piece of busbar; give it its impedance if it has one.
finding-value-not-finite = Is no number: { $elements }.
hint-value-not-finite = Write the value as a number.
finding-value-not-above-zero = Must be above 0 but is { $value }: { $elements }.
hint-value-not-above-zero = Leave out what is not known; 0 says that it is nothing.
finding-value-below-zero = Must not be below 0 but is { $value }: { $elements }.
hint-value-below-zero = Look at the sign and the unit.
finding-value-not-up-to = Must be above 0 and at most { $most } but is { $value }: { $elements }.
hint-value-not-up-to = Look at the unit: a part of one or percent.
finding-value-not-within = Must lie between { $least } and { $most } but is { $value }: { $elements }.
hint-value-not-within = Look at the unit and at what else it has to fit.
finding-value-excluded = Must not be { $other }: { $elements }.
hint-value-excluded = Look at what else it has to fit.
finding-coupled-with-itself = Couples a line with itself: { $elements }.
hint-coupled-with-itself = Name the two lines that run side by side.
finding-negative-impedance = A resistance or reactance is negative and was kept: { $elements }.
hint-negative-impedance = Right for legs of star equivalents and series capacitors; an error elsewhere.
finding-unlikely-reactance = Between 0.005 and 2 Ω per km a line has its reactance; not so, for example { $ohm_per_km }: { $elements }.
hint-unlikely-reactance = Check whether impedances are in Ω and lengths in km.
finding-one-length = All { $count } lines are { $km } km long; the length counts as unknown.
finding-distance-in-metres = Distances of a coupling fit its lines only as metres and were read so: { $elements }.
hint-distance-in-metres = Write them in km.
finding-coupling-beyond-line = Distances of a coupling lie beyond its lines; the whole lines count as coupled: { $elements }.
hint-coupling-beyond-line = Check the distances and the lengths of the lines.
finding-unsupported-windings = Transformers have two or three windings; left out: { $elements }.
hint-unsupported-windings = Split it into transformers with two and three windings.
finding-neutral-contradiction = The neutral of a winding that has none is earthed: { $elements }.
hint-neutral-contradiction = Check how the windings are connected; earth faults depend on it.
finding-tap-without-winding = Tap changers that name no winding were left out: { $elements }.
finding-drive-feeds-nothing = Motors behind converters that cannot feed back are out of service: { $elements }.
finding-unmarked-block = Taken as a power-station block, because the unit and its transformer have no other neighbour: { $elements }.
hint-unmarked-block = Say in the source whether the transformer is part of a generator unit.
finding-block-without-unit = Marked as part of a power-station block, but no unit is at its low side: { $elements }.
finding-block-with-several-units = Marked as part of a power-station block, but several units are at its low side; counts as a network transformer: { $elements }.
finding-line-commutated = Converters with line-commutated valves feed no fault: { $elements }.
finding-static-compensator = Counts as a shunt at its working point: { $elements }.
