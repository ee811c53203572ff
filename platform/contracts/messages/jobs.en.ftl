# Words of the jobs of all services.

kind-of-job-fit = Linear fit
kind-of-job-search = Formula search
kind-of-job-automatic-fit = Automatic fit
kind-of-job-automatic-search = Automatic search
