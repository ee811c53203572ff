# Words of the catalogue: what is noticed while a table is read.

finding-missing-values =
    { $count ->
        [one] One value is missing.
       *[other] { $count } values are missing.
    }
finding-column-empty = The column holds no values.
finding-findings-omitted =
    { $count ->
        [one] One further finding is not listed.
       *[other] { $count } further findings are not listed.
    }
