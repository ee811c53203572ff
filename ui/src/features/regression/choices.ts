// What can be chosen for a linear fit, and the request that says it.

export const methods = ['least_squares', 'huber', 'bisquare', 'trimmed_squares', 'theil_sen', 'ridge', 'lasso', 'elastic_net'] as const;
export const shapes = ['linear', 'powers', 'polynomial', 'spline'] as const;
export const errorKinds = ['classical', 'hc3', 'hc0', 'hc1', 'hc2', 'clustered', 'bootstrap'] as const;
export const criteria = ['aic', 'aicc', 'bic', 'leave_one_out'] as const;

export type FitChoices = {
  target: string;
  inputs: string[];
  method: (typeof methods)[number];
  shape: (typeof shapes)[number];
  degree: number | null;
  knots: number | null;
  intercept: boolean;
  weights: string;
  error_bars: string;
  errors: (typeof errorKinds)[number];
  groups: string;
  resamples: number | null;
  subset: '' | (typeof criteria)[number];
  penalty: number | null;
  mix: number | null;
  compare_without: string[];
  confidence: number | null;
};

export const usual: FitChoices = {
  target: '', inputs: [], method: 'least_squares', shape: 'linear', degree: null, knots: null, intercept: true, weights: '', error_bars: '',
  errors: 'classical', groups: '', resamples: null, subset: '', penalty: null, mix: null, compare_without: [], confidence: null,
};

export type Field = Exclude<keyof FitChoices, 'target' | 'inputs' | 'method'>;

/** Whether a choice goes together with the others; what does not is neither shown nor sent. */
export function applies(field: Field, { method, shape, errors, subset }: FitChoices): boolean {
  const isPlain = method === 'least_squares';
  const isPenalised = method === 'ridge' || method === 'lasso' || method === 'elastic_net';
  switch (field) {
    case 'shape': return method !== 'theil_sen';
    case 'degree': return shape !== 'linear' && method !== 'theil_sen';
    case 'knots': return shape === 'spline' && isPlain;
    case 'intercept': return !isPenalised && method !== 'theil_sen';
    case 'weights':
    case 'error_bars':
    case 'errors': return isPlain;
    case 'groups': return isPlain && errors === 'clustered';
    case 'resamples': return isPlain && errors === 'bootstrap';
    case 'subset': return isPlain && shape !== 'spline';
    case 'penalty': return isPenalised;
    case 'mix': return method === 'elastic_net';
    case 'compare_without': return isPlain && shape !== 'spline' && !subset;
    case 'confidence': return true;
  }
}

/** The request for a fit; what is left to the server is left out. */
export function fitRequest(dataSetId: string, choices: FitChoices, allInputs: string[]): Record<string, unknown> {
  const request: Record<string, unknown> = { data_set_id: dataSetId };
  if (choices.target) request.target = choices.target;
  if (choices.inputs.length > 0 && choices.inputs.length < allInputs.length) request.inputs = choices.inputs;
  const options: Record<string, unknown> = {};
  if (choices.method !== usual.method) options.method = choices.method;
  const fields: Field[] = ['shape', 'degree', 'knots', 'intercept', 'weights', 'error_bars', 'errors', 'groups', 'resamples', 'subset', 'penalty', 'mix', 'compare_without'];
  for (const field of fields) {
    const value = choices[field];
    const isUsual = value === usual[field] || (Array.isArray(value) && value.length === 0);
    if (!isUsual && applies(field, choices)) options[field] = value;
  }
  if (choices.confidence !== null) options.confidence = choices.confidence / 100;
  if (Object.keys(options).length > 0) request.options = options;
  return request;
}
