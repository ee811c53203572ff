# Words of the linear regression.

finding-constant-target = The target is constant: there is nothing to explain, and R² has no meaning.
finding-zero-term = The term { $element } is zero in every row and was left out.
finding-constant-term = The term { $element } is constant, so it cannot be told from the intercept; it was left out.
finding-dependent-term = The term { $element } follows from other terms ({ $on }) and was left out.
finding-interpolates = As many coefficients as rows ({ $rows }): the fit hits every row and says nothing about other data.
finding-ill-conditioned = Some terms are nearly dependent on each other (condition number { $condition_number }): single coefficients are uncertain, predictions are not.
finding-exact = The fit hits every row up to rounding.
