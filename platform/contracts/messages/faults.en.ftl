# Words of short-circuit computations: what they lacked and what was assumed.

finding-value-missing = { $field } is not given, without which the element cannot be computed.
hint-value-missing = Add the value to the model, take the element out of service, or leave such elements out.
finding-value-unusable = { $field } is { $value }, with which nothing can be computed.
hint-value-unusable = Correct the value, take the element out of service, or leave such elements out.
finding-element-incomplete =
    Not computed where it hangs on { $count ->
        [one] an element without usable data
       *[other] { $count } elements without usable data
    }: { $elements }.
hint-element-incomplete = Give the values, take the elements out of service, or leave them out (--leave-out-incomplete).
finding-joins-its-buses = Has no impedance and counts as a closed switch; its own current is not told.
finding-value-assumed = { $field } is not given; { $value } was taken ({ $reason }).
finding-zero-sequence-missing =
    Earth faults are not computed where they hang on { $count ->
        [one] an element without usable data of the zero sequence
       *[other] { $count } elements without usable data of the zero sequence
    }: { $elements }.
hint-zero-sequence-missing = Add the zero-sequence data of the element, or leave it out of service.
finding-no-source = No source feeds the place: there is no fault current.
finding-only-converters = Only full-size converters feed the place: a three-phase fault draws the currents they are rated for; nothing else follows.
finding-zero-sequence-floats = The place has no path to earth: an earth fault draws no current there but that of capacitances.
finding-not-finite = The impedances at the place make no finite current.
finding-ratio-not-usable = R/X is { $rx }: no peak current follows from it.
finding-clock-contradicts = The phase shift around a loop is not zero: { $found_deg }° where { $expected_deg }° were expected.
hint-clock-contradicts = Check the vector groups of the loop; flows around it are computed without the shift.
finding-opendss-not-reciprocal = OpenDSS cannot say that the element is another one from its other end: it is written as seen from the first.
finding-opendss-no-converter = IEC 60909 adds the currents of converters by magnitude, which no circuit does: the element is left out of the script.
finding-converters-as-three-phase = Converters are taken to feed the same positive-sequence current into unbalanced faults as into three-phase ones.
finding-thermal-undecayed = Machines near the place lose current while it lasts; I_th is computed without that (n = 1) and is on the safe side.
