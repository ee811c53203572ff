# Words of the linear regression.

finding-incomplete-rows-left-out =
    { $count ->
        [one] One row has no value in a chosen column and was left out
       *[other] { $count } rows have no value in a chosen column and were left out
    }; { $kept ->
        [one] one is used.
       *[other] { $kept } are used.
    }
finding-constant-target = The target is constant: there is nothing to explain, and R² has no meaning.
finding-zero-term = The term { $element } is zero in every row and was left out.
finding-constant-term = The term { $element } is constant, so it cannot be told from the intercept; it was left out.
finding-dependent-term = The term { $element } follows from other terms ({ $on }) and was left out.
finding-saturated = As many coefficients as rows ({ $rows }): the fit hits every row and says nothing about other data.
finding-ill-conditioned = Some terms are nearly dependent on each other (condition number { $condition_number }): single coefficients are uncertain, predictions are not.
finding-exact = The fit hits every row up to rounding.
finding-collinear-term = The term { $element } nearly follows from the others (variance inflation { $factor }): its coefficient is uncertain.
finding-influential-row = This row alone moves the fit noticeably (Cook's distance { $cook }).
finding-outlying-row = This row lies far from what the fit expects.
finding-nothing-kept = The penalty left no term: nothing explains the target better than its mean.
finding-uneven-scatter = The scatter of the residuals changes with the prediction: standard errors are too optimistic.
finding-residuals-not-normal = The residuals are not normally distributed: intervals are approximate.
finding-dependent-residuals = Neighbouring residuals resemble each other: a straight form misses something, or rows are not independent.
finding-wrong-form = Powers of the prediction would improve the fit: the relation is curved.
finding-lack-of-fit = Repeated rows scatter less than the residuals: the form misses something.
finding-form-not-defined = The form “{ $form }” is not defined for all values of { $column } and was not tried.
finding-errors-out-of-range = The standard errors exceed what a number can hold: scale the columns.
finding-few-groups =
    Only { $groups ->
        [one] one group
       *[other] { $groups } groups
    }: standard errors by groups are themselves uncertain.
finding-resamples-left-out =
    { $count ->
        [one] In one of { $resamples } resamples the rows could not tell the terms apart; it was left out.
       *[other] In { $count } of { $resamples } resamples the rows could not tell the terms apart; they were left out.
    }
finding-diagnostics-left-out =
    With { $rows ->
        [one] one row
       *[other] { $rows } rows
    } and { $terms ->
        [one] one term
       *[other] { $terms } terms
    } the assumptions were not tested.

## What each test of an assumption says
check-breusch-pagan-holds = The scatter is even along the terms.
check-breusch-pagan-fails = The scatter changes with a term: take standard errors for uneven scatter (HC3), or weights.
check-white-holds = The scatter is even, as far as squares and products of the terms can tell.
check-white-fails = The scatter is uneven in a smooth way: take standard errors for uneven scatter (HC3), or weights.
check-durbin-watson-holds = Neighbouring residuals are about independent of each other.
check-durbin-watson-fails = Neighbouring residuals depend on each other: the form misses something, or rows follow each other in time.
check-jarque-bera-holds = The residuals look normally distributed: intervals and p-values can be trusted.
check-jarque-bera-fails = The residuals are not normal: a few rows lie far off, or the scatter is lopsided; look at the influential rows or fit robustly.
check-reset-holds = The form is right, as far as powers of the prediction can tell.
check-reset-fails = The form is wrong: the relation bends; try powers, a spline, or let the formula search look.
check-lack-of-fit-holds = The form misses no more than rows with the same inputs scatter.
check-lack-of-fit-fails = Rows with the same inputs scatter less than the residuals: the form misses something.

## Simple forms
form-line = straight line
form-quadratic = parabola
form-exponential = exponential
form-power = power law
form-logarithmic = logarithm
form-reciprocal = reciprocal
