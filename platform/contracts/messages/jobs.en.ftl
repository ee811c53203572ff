# Words of the jobs of all services.

kind-of-job-fit = Linear fit
kind-of-job-search = Formula search
