// The message catalogues, one per context as each owns its words, packed into the bundle at build time.
import catalogue from '../../../platform/contracts/messages/catalogue.en.ftl?raw';
import jobs from '../../../platform/contracts/messages/jobs.en.ftl?raw';
import regression from '../../../platform/contracts/messages/regression.en.ftl?raw';
import symbolic from '../../../platform/contracts/messages/symbolic.en.ftl?raw';
import ui from '../../../platform/contracts/messages/ui.en.ftl?raw';

export const catalogues = { ui, catalogue, jobs, regression, symbolic };
export type Context = keyof typeof catalogues;
