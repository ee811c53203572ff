// The published language of the server as the pages use it.

export type Formula = { text: string; latex: string; mathml: string };
export type FormulaForms = Formula & { typst: string; python: string; excel: string; c: string; rust: string; javascript: string; json: string };
export type State = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
export type Args = Record<string, unknown>;
export type Finding = {
  code: string;
  severity: 'info' | 'warning' | 'error';
  subject: { row?: number | null; column?: string | number | null; element?: string | null };
  args: Args;
};
export type Page<T> = { items: T[]; next: string | null };

export type ProblemField = { field?: string | null; row?: number | null; column?: number | string | null; message: string };
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail?: string | null;
  instance?: string | null;
  trace_id?: string | null;
  errors?: ProblemField[];
};

export type DataSet = {
  id: string;
  number: number | null;
  name: string;
  description: string;
  source: string;
  version: number;
  rows: number;
  columns: string[];
  target: string | null;
  created_at: string;
  updated_at: string;
};
export type ColumnProfile = {
  name: string;
  kind: 'number' | 'integer' | 'text' | 'empty';
  unit: string | null;
  count: number;
  missing: number;
  distinct: number;
  constant: boolean;
  min: number | null;
  max: number | null;
  mean: number | null;
  std_dev: number | null;
  q1: number | null;
  median: number | null;
  q3: number | null;
  histogram: number[];
  samples: string[];
};
export type DataSetDetail = DataSet & { profile: ColumnProfile[]; findings: Finding[]; size_bytes: number };
export type Rows = { columns: string[]; items: (number | string | null)[][]; next: string | null };
export type Points = { x_name: string; y_name: string; points: [number, number][]; total: number; thinned: boolean };

export type Coefficient = {
  term: string;
  value: number;
  std_error: number | null;
  t: number | null;
  p: number | null;
  low: number | null;
  high: number | null;
  inflation?: number | null;
};
/** How a fit is made; what is not chosen is left to the server. */
export type FitOptions = {
  method: string;
  shape: string;
  degree: number | null;
  knots: number | null;
  intercept: boolean;
  weights: string | null;
  error_bars: string | null;
  errors: string;
  groups: string | null;
  resamples: number | null;
  subset: string | null;
  penalty: number | null;
  mix: number | null;
  compare_without: string[];
  confidence: number;
  seed: number;
};
export type Check = { code: string; statistic: number; p: number | null; holds: boolean };
export type RowInfluence = { row: number; residual: number; leverage: number; studentized: number | null; cook: number | null };
export type RankedForm = { code: string; formula: Formula; r2: number | null; rmse: number; aicc: number | null; weight: number };
export type Subset = {
  terms: string[];
  r2: number | null;
  aic: number | null;
  aicc: number | null;
  bic: number | null;
  left_out_error: number | null;
  chosen: boolean;
};
export type PathPoint = { strength: number; error: number; error_deviation: number; terms: number };
export type Comparison = {
  added: string[];
  f_statistic: number | null;
  f_p: number | null;
  likelihood_ratio: number | null;
  likelihood_ratio_p: number | null;
  aic_gain: number | null;
  bic_gain: number | null;
};
export type FitResult = {
  formula: Formula;
  coefficients: Coefficient[];
  r2: number | null;
  adjusted_r2: number | null;
  rmse: number | null;
  residual_std_error: number | null;
  n: number;
  dof: number;
  f_statistic: number | null;
  f_p: number | null;
  aic: number | null;
  aicc: number | null;
  bic: number | null;
  scale: number | null;
  penalty: number | null;
  condition_number: number | null;
  checks: Check[];
  influential: RowInfluence[];
  forms: RankedForm[];
  subsets: Subset[];
  path: PathPoint[];
  comparison: Comparison | null;
  orthogonal: { polynomials: string[]; coefficients: Coefficient[] } | null;
  findings: Finding[];
};
type Analysis = {
  id: string;
  data_set_id: string;
  data_set_version: number;
  target: string;
  inputs: string[];
  state: State;
  job_id: string;
  created_at: string;
  finished_at: string | null;
  error: string | null;
};
export type Fit = Analysis & { options: FitOptions; result: FitResult | null };
export type Member = {
  size: number;
  mse: number;
  r2: number;
  description_length: number | null;
  formula: Formula;
  exact: boolean;
  classes?: ClassFormula[];
  share?: number | null;
  numbers?: FittedNumber[];
  uncertainty?: Uncertainty | null;
  beyond?: Reason[];
};
export type Uncertainty = { form: string; residual_deviation: number; scatter: 'constant' | 'in_proportion'; degrees_of_freedom: number; covariance: number[][] };
export type FittedNumber = { name: string; value: number; standard_error: number | null; low: number | null; high: number | null; profile_low: number | null; profile_high: number | null };
export type ClassFormula = { class: string; formula: Formula };
export type Reason = { code: string; args: Args };
export type Search = Analysis & {
  options: Args;
  stage: string | null;
  evaluations: number | null;
  elapsed_s: number | null;
  progress: number | null;
  front: Member[];
  alternatives: Member[];
  chosen: number | null;
  reasons: Reason[];
  findings: Finding[];
};
export type Predictions = {
  x_name: string;
  y_name: string;
  points: { x: number; y: number; predicted: number | null; residual: number | null }[];
  curve: { x: number[]; y: number[]; mean?: Band | null; single?: Band | null } | null;
};
export type Band = { low: number[]; high: number[] };

export type Job = {
  id: string;
  service: string;
  kind: string;
  title: string;
  subject: { kind: string; id: string; data_set_id: string | null } | null;
  state: State;
  queue: string;
  priority: number;
  progress: number | null;
  progress_note: string | null;
  attempt: number;
  max_attempts: number;
  crash_count: number;
  cancel_requested: boolean;
  created_at: string;
  run_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  error: string | null;
};

export type JobCounts = Record<State, number>;

export type OverviewItem = {
  data_set: DataSet;
  linear: { fit_id: string; state: State; formula: Formula | null; r2: number | null } | null;
  formula: {
    search_id: string;
    state: State;
    formula: Formula | null;
    mse: number | null;
    r2: number | null;
    size: number | null;
    exact: boolean | null;
  } | null;
};

export type Changed = { type: string; subject: string; service: string };
export type Progress = {
  job_id: string;
  service: string;
  kind: string;
  subject_id: string;
  state: State;
  progress: number | null;
  note: string | null;
};
