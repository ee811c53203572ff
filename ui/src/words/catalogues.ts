// The message catalogues of all contexts, packed into the bundle at build time.
import catalogue from '../../../platform/contracts/messages/catalogue.en.ftl?raw';
import jobs from '../../../platform/contracts/messages/jobs.en.ftl?raw';
import regression from '../../../platform/contracts/messages/regression.en.ftl?raw';
import symbolic from '../../../platform/contracts/messages/symbolic.en.ftl?raw';
import ui from '../../../platform/contracts/messages/ui.en.ftl?raw';

export const catalogues = [catalogue, jobs, regression, symbolic, ui];
