# Words of the catalogue: what is noticed while a table is read.

finding-title-rows-skipped =
    { $count ->
        [one] One line above the table was skipped.
       *[other] { $count } lines above the table were skipped.
    }
finding-comment-lines-skipped =
    { $count ->
        [one] One comment line was skipped.
       *[other] { $count } comment lines were skipped.
    }
finding-decimal-comma = Decimals are written with a comma.
finding-thousands-doubtful = Every comma in { $column } has three digits behind it ({ $value }). It was read as the decimal sign: { $read }.
hint-thousands-doubtful = If it separates thousands, say that the decimal sign is a point and take the commas out of the numbers.
finding-header-absent = The first line holds data, so the columns got names of their own.
finding-encoding-utf16 = The file is in UTF-16.
finding-encoding-not-utf8 =
    { $count ->
        [one] One row is not UTF-8; it was read as Windows-1252.
       *[other] { $count } rows are not UTF-8; they were read as Windows-1252.
    }
finding-row-too-short =
    { $count ->
        [one] One row has fewer cells than the header; the rest counts as missing.
       *[other] { $count } rows have fewer cells than the header; the rest counts as missing.
    }
finding-row-too-long =
    { $count ->
        [one] One row has more cells than the header and was left out.
       *[other] { $count } rows have more cells than the header and were left out.
    }
finding-quote-stray =
    { $count ->
        [one] A quotation mark stands inside a cell and was kept as it is.
       *[other] { $count } quotation marks stand inside cells and were kept as they are.
    }
finding-name-missing = A column without a name got the name { $column }.
finding-name-duplicate = A name appears twice; the later column became { $column }.
finding-name-cut = A very long name was cut to { $column }.
finding-text-in-number-column =
    { $numbers ->
        [one] The column holds texts and one number: the first text is “{ $value }”. It was read as text.
       *[other] The column holds { $numbers } numbers, but also texts: the first is “{ $value }”. It was read as text.
    }
finding-number-unreadable =
    { $count ->
        [one] “{ $value }” looks like a number, but can't be read as one. Leave out what separates thousands, and units.
       *[other] The column holds { $count } texts that look like numbers, such as “{ $value }”. Leave out what separates thousands, and units.
    }
finding-value-not-finite =
    { $count ->
        [one] One value is not finite and counts as missing.
       *[other] { $count } values are not finite and count as missing.
    }
finding-number-inexact =
    { $count ->
        [one] One whole number is too large to be stored exactly.
       *[other] { $count } whole numbers are too large to be stored exactly.
    }
finding-missing-values =
    { $count ->
        [one] One value is missing.
       *[other] { $count } values are missing.
    }
finding-column-empty = The column { $column } holds no values.
finding-column-constant = The column { $column } has one value only, so it explains nothing.
finding-column-dropped = The column { $column } has neither a name nor values and was left out.
finding-no-number-column = No column holds numbers, so there is nothing to find a formula for.
finding-target-not-number = The target { $column } holds no numbers; choose another target.
finding-target-constant = The target { $column } is constant: there is nothing to explain.
finding-findings-omitted =
    { $count ->
        [one] One further finding is not listed.
       *[other] { $count } further findings are not listed.
    }
