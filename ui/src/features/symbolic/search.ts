// What the page knows of a formula search: its presets, its choices, its front.
import type { DataSetDetail, FittedNumber, Member, Search, State } from '../../api/types.ts';
import type { Fact } from '../../parts/Facts.svelte';
import type { Column } from '../../parts/table.ts';
import { count, number, share } from '../../words/format.ts';
import { t } from '../../words/words.ts';
import { rulesRequest, type Rules } from './rules.ts';

export const presets = [
  { key: 'quick', time_s: 3 },
  { key: 'normal', time_s: 10 },
  { key: 'thorough', time_s: 60 },
  { key: 'deep', time_s: 600 },
] as const;

/** What a formula may be made of beside sums, products and quotients. */
export const operatorGroups = {
  powers: ['pow', 'sqrt'],
  exponentials: ['exp', 'log', 'tanh'],
  waves: ['sin', 'cos', 'asin', 'acos', 'atan'],
  extremes: ['max', 'min', 'abs'],
} as const;
export type OperatorGroup = keyof typeof operatorGroups;
export const usualGroups: OperatorGroup[] = ['powers', 'exponentials', 'waves'];

export type Choices = { time_s: number; seed: number | null; max_size: number | null; noise_free: boolean; target: string; inputs: string[]; groups: OperatorGroup[]; rules: Rules };

/** The request for a search; what is left to the server is left out. It takes the columns of numbers by itself. */
export function searchRequest(dataSetId: string, choices: Choices, numeric: string[], units: Record<string, string> = {}): Record<string, unknown> {
  const request: Record<string, unknown> = { data_set_id: dataSetId, time_s: choices.time_s };
  if (choices.target) request.target = choices.target;
  const isUsual = choices.inputs.length === numeric.length && numeric.every((name) => choices.inputs.includes(name));
  if (choices.inputs.length > 0 && !isUsual) request.inputs = choices.inputs;
  if (choices.seed !== null) request.seed = choices.seed;
  if (choices.max_size !== null) request.max_size = choices.max_size;
  if (choices.noise_free) request.noise_free = true;
  const operators = operatorsOf(choices.groups);
  if (operators) request.operators = operators;
  return { ...request, ...rulesRequest(choices.rules, units) };
}

/** Names for the server, or null for what it uses by itself. */
function operatorsOf(groups: OperatorGroup[]): string[] | null {
  const isUsual = groups.length === usualGroups.length && usualGroups.every((group) => groups.includes(group));
  return isUsual ? null : ['add', 'sub', 'mul', 'div', ...groups.flatMap((group) => operatorGroups[group])];
}

/** The units of the columns, where they are known. */
export function unitsOf({ profile }: DataSetDetail): Record<string, string> {
  return Object.fromEntries(profile.flatMap(({ name, unit }) => (unit ? [[name, unit]] : [])));
}

/** The columns of texts few enough to explain by: each text becomes an input. */
export function textColumns({ profile }: DataSetDetail): string[] {
  return profile.filter(({ kind, distinct, samples }) => kind === 'text' && distinct >= 2 && distinct === samples.length).map(({ name }) => name);
}

/** The columns that may tell classes of rows: texts, and numbers of which there are few. */
export function classColumns({ profile }: DataSetDetail, target: string): string[] {
  const few = ({ distinct, count }: { distinct: number; count: number }) => distinct >= 2 && distinct <= 64 && 3 * distinct <= count;
  return profile.filter((column) => column.name !== target && column.kind !== 'empty' && few(column)).map(({ name }) => name);
}

export function newest<T extends { created_at: string }>(items: T[]): T | undefined {
  return items.toSorted((a, b) => b.created_at.localeCompare(a.created_at))[0];
}

export function isActive(state: State): boolean {
  return state === 'waiting' || state === 'running';
}

/** The member that the address names, else the one that stands for the search. */
export function memberAt(search: Search | undefined, wanted: string | null): number | null {
  if (!search) return null;
  const named = wanted === null ? -1 : search.front.findIndex((member) => String(member.size) === wanted);
  return named >= 0 ? named : bestAt(search);
}

/** The member that stands for a search: the chosen one; before one is chosen that of the fewest bits, without bits the largest. */
export function bestAt({ front, chosen }: Pick<Search, 'front' | 'chosen'>): number | null {
  if (chosen !== null && chosen < front.length) return chosen;
  if (front.length === 0) return null;
  const shortest = front.reduce((best, member, at) => (bits(member) < bits(front[best]) ? at : best), 0);
  return bits(front[shortest]) < Infinity ? shortest : front.length - 1;
}

/** Whose answer stands for the data set: the newest search while it goes on or if it is by classes, then the best of those that asked the same. */
export function standing(searches: Search[]): Search | undefined {
  const latest = newest(searches);
  if (!latest || isActive(latest.state) || latest.options.group) return latest;
  const same = searches.filter((one) => !one.options.group && one.data_set_version === latest.data_set_version && one.target === latest.target && one.chosen !== null && !isActive(one.state));
  return same.reduce((best, one) => (isBetter(one, best) ? one : best), latest);
}

/** Exact before not exact, the smaller of exact ones, else fewer bits; what is no better does not take the place of a newer one. The server's overview ranks alike. */
function isBetter(one: Search, other: Search): boolean {
  const [a, b] = [one, other].map((search) => search.front[search.chosen ?? -1]);
  if (!a || !b) return Boolean(a);
  if (a.exact !== b.exact) return a.exact;
  return a.exact ? a.size < b.size : bits(a) < bits(b);
}

function bits(member: Member | undefined): number {
  return member?.description_length ?? Infinity;
}

export function memberFacts(member: Member): Fact[] {
  return [
    { name: 'R²', value: share(member.r2), title: t('r2-title') },
    { name: t('rmse'), value: number(Math.sqrt(member.mse)), title: t('rmse-title') },
    { name: t('member-size'), value: count(member.size), title: t('member-size-title') },
    { name: t('member-length'), value: number(member.description_length, 5), title: t('member-length-title') },
    ...(member.share === undefined || member.share === null ? [] : [{ name: t('member-share'), value: share(member.share), title: t('member-share-title') }]),
  ];
}

/** The forms of a formula beside those that every formula has at hand. */
export const moreForms = [
  { key: 'python', label: 'Python' },
  { key: 'javascript', label: 'JavaScript' },
  { key: 'c', label: 'C' },
  { key: 'rust', label: 'Rust' },
  { key: 'excel', label: 'Excel' },
  { key: 'typst', label: 'Typst' },
  { key: 'json', label: 'JSON' },
] as const;
export type MoreForm = (typeof moreForms)[number];

/** The fitted numbers of a formula. */
export function numberColumns(): Column<FittedNumber>[] {
  const end = (label: string, value: (row: FittedNumber) => number | null): Column<FittedNumber> => ({ key: label, label: t(label), value, text: (row) => number(value(row), 5), isNumber: true });
  return [
    { key: 'name', label: t('number-name'), value: (row) => row.name },
    end('number-value', (row) => row.value),
    end('number-error', (row) => row.standard_error),
    end('number-from', (row) => row.low),
    end('number-to', (row) => row.high),
    end('number-profile-from', (row) => row.profile_low),
    end('number-profile-to', (row) => row.profile_high),
  ];
}

export function frontColumns(): Column<Member>[] {
  return [
    { key: 'pick', label: t('front-shown'), isLabelHidden: true, value: () => null, isNarrow: true, isHiddenInFile: true },
    { key: 'size', label: t('member-size'), value: (row) => row.size, isNumber: true, isNarrow: true, title: t('member-size-title') },
    { key: 'formula', label: t('tab-formula'), value: (row) => row.formula.text, share: '100%' },
    { key: 'mse', label: t('member-mse'), value: (row) => row.mse, text: (row) => number(row.mse, 4), isNumber: true, isNarrow: true, title: t('member-mse-title') },
    { key: 'r2', label: 'R²', value: (row) => row.r2, text: (row) => share(row.r2), isNumber: true, isNarrow: true, title: t('r2-title') },
    { key: 'description_length', label: t('member-length'), value: (row) => row.description_length, text: (row) => number(row.description_length, 5), isNumber: true, isNarrow: true, title: t('member-length-title') },
  ];
}
