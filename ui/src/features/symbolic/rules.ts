// The rules that formulas can be asked to keep, and how a request says them.

export type Trend = '' | 'rising' | 'falling';
export type Rules = {
  must_use: string[];
  weights: string;
  max_nesting: number | null;
  per_size: number | null;
  at_least: number | null;
  at_most: number | null;
  defined: boolean;
  /** By column. */
  trends: Record<string, Trend>;
  hasUnits: boolean;
  /** By column, as far as they differ from those of the data set. */
  units: Record<string, string>;
  constants_have_units: boolean;
  /** The form of every formula, with holes; empty for any. */
  template: string;
  /** The column that tells classes with numbers of their own. */
  group: string;
  /** A formula whose numbers are fitted instead of a search. */
  given: string;
  /** How often the rows are drawn anew. */
  choices: number | null;
};

export function noRules(): Rules {
  return { must_use: [], weights: '', max_nesting: null, per_size: null, at_least: null, at_most: null, defined: false, trends: {}, hasUnits: false, units: {}, constants_have_units: true, template: '', group: '', given: '', choices: null };
}

/** What the request says of the rules; `known` are the units of the data set's columns. */
export function rulesRequest(rules: Rules, known: Record<string, string>): Record<string, unknown> {
  const request: Record<string, unknown> = {};
  if (rules.must_use.length > 0) request.must_use = rules.must_use;
  if (rules.template.trim()) request.template = rules.template.trim();
  if (rules.given.trim()) request.given = rules.given.trim();
  if (rules.choices !== null) request.choices = rules.choices;
  if (rules.group) request.group = rules.group;
  if (rules.weights) request.weights = rules.weights;
  if (rules.max_nesting !== null) request.max_nesting = rules.max_nesting;
  if (rules.per_size !== null) request.per_size = rules.per_size;
  const constraints: Record<string, unknown>[] = [];
  if (rules.at_least !== null) constraints.push({ kind: 'at_least', value: rules.at_least });
  if (rules.at_most !== null) constraints.push({ kind: 'at_most', value: rules.at_most });
  for (const [column, kind] of Object.entries(rules.trends)) if (kind) constraints.push({ kind, column });
  if (rules.defined) constraints.push({ kind: 'defined' });
  if (constraints.length > 0) request.constraints = constraints;
  if (rules.hasUnits) {
    const columns = Object.fromEntries(Object.entries({ ...known, ...rules.units }).filter(([, unit]) => unit.trim() !== ''));
    request.units = { columns, constants_have_units: rules.constants_have_units };
  }
  return request;
}
