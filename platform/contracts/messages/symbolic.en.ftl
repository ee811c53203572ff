# Words of the formula search.

stage-look = Looking at the data
stage-portfolio = Trying well-known forms
stage-search = Searching
stage-done = Done
finding-constant-column = The column { $column } is constant and was left out.
finding-duplicate-column = The column { $column } repeats another one and was left out.
finding-constant-target = The target is constant: there is nothing to explain.
finding-few-rows =
    { $rows ->
        [one] One row only: almost any formula would fit.
       *[other] Only { $rows } rows: many formulas would fit as well.
    }
finding-nothing-computed = No formula, not even the mean, has a finite error on this table: its numbers are too large to compute with; scale the columns.
finding-classes-alike = The { $classes } classes follow one formula with the same numbers.
finding-classes-of-few-rows = The rows of these classes do not tell more than the numbers they have of their own ({ $numbers }), so the law follows their errors: { $names }.
finding-interpolates =
    The formula has { $constants ->
        [one] one constant
       *[other] { $constants } constants
    } for { $rows ->
        [one] one row
       *[other] { $rows } rows
    }: it may only repeat the data.
finding-pole-between-rows = The formula has a pole within the range of the inputs: between the rows its values run off to infinity.
finding-undefined-between-rows = The formula has no value at some places within the range of the inputs.
finding-rows-picked =
    The search looked at { $rows ->
        [one] one
       *[other] { $rows }
    } of the rows, spread over the target; what it found was then fitted and measured on all of them.
finding-starts-drawn =
    Not every parameter was given a start: { $starts ->
        [one] one start was tried.
       *[other] { $starts } starts were tried.
    }
finding-taken-as-numbers = No columns, so fitted as numbers: { $names }.
finding-better-start = A start in another scale led to a lower sum of squares than the one given.
finding-stopped-early = The time was used up before all starts and intervals were followed: a better fit may exist.
finding-profile-not-followed = With so many rows not all intervals from the profile of the likelihood were followed; those from the curvature are there.
finding-undetermined-parameter = The rows do not determine the parameter { $name }.
reason-exact =
    { $rows ->
        [one] It hits the only row exactly.
       *[other] It hits all { $rows } rows up to rounding.
    }
reason-shortest-description = It tells the data in the shortest way: no other formula gains enough accuracy to pay for its length.
reason-runner-up =
    The next best formula needs { $margin ->
        [one] { $margin } bit more.
       *[other] { $margin } bits more.
    }
reason-beyond-tends-to =
    As { $input } goes to { $end }, it tends to { $value_text }{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-beyond-grows-like =
    As { $input } goes to { $end }, it goes like { $term }{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-beyond-faster-than-powers =
    As { $input } goes to { $end }, it goes to { $sign }∞ faster than any power of it{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-beyond-swings =
    As { $input } goes to { $end }, it swings between { $low_text } and { $high_text } without end{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-beyond-swings-wider =
    As { $input } goes to { $end }, it swings ever wider{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-beyond-pole =
    Outside the data it has a pole at { $input } = { $at_text }{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-beyond-no-value =
    { $kind ->
        [below] It has no value for { $input } below { $to_text }
        [above] It has no value for { $input } above { $from_text }
        [between] Outside the data it has no value for { $input } from { $from_text } to { $to_text }
       *[far] It has no value as { $input } goes to { $end }
    }{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-beyond-not-decided =
    What it does as { $input } goes to { $end } is not decided{ $others ->
        [0] .
       *[other] , the other inputs at their medians.
    }
reason-all-tried =
    All { $structures ->
        [one] formulas
       *[other] { $structures } formulas
    } of up to { $size ->
        [one] one symbol
       *[other] { $size } symbols
    } were tried, each with the best scale and offset: the front has the best of them.
reason-errors-in-proportion = The errors grow with the values, so the constants are those that fit the ratios.
reason-linear-predicts-better = Rows left out are predicted better by a linear formula than by any shorter description.
reason-nothing-better-than-the-mean = No formula explains the target better than its mean.
reason-no-allowed-formula = No allowed formula explains the target better than its mean.
finding-incomplete-rows-left-out =
    { $count ->
        [one] One row has no value in a chosen column and was left out
       *[other] { $count } rows have no value in a chosen column and were left out
    }; { $kept ->
        [one] one is used.
       *[other] { $kept } are used.
    }
