-- How a fit is made; what was made before is a plain least-squares fit.
alter table fit add column options text not null default '{}';
