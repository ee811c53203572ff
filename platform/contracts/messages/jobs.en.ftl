# Words of the jobs of all services.

kind-of-job-fit = Linear fit
kind-of-job-search = Formula search
kind-of-job-automatic-fit = Linear fit of a new data set
kind-of-job-automatic-search = Formula search of a new data set
