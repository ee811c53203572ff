-- Several formulas of each size, where they were asked for.
alter table search add column alternatives text not null default '[]';
