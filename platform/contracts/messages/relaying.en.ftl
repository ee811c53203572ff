# Words of cases: what was noticed about relays, units, schemes and requirements, and what to do about it.

finding-no-required-sensitivity = Nothing is required of { $protection } as { $role }: its zone is not looked at.
hint-no-required-sensitivity = Add a row to requirements.toml, with the source of its number.
finding-waiver-expired = The waiver expired on { $expires } and counts no more.
hint-waiver-expired = Settle what it was about, or let somebody accept it again.
finding-waiver-without-breach = The waiver names no check of this case.
hint-waiver-without-breach = Look at the names of the stage and the line, or remove it.
finding-nobody-covers = Nobody covers { $fault } faults at the { $end } end ({ $failure }).
hint-nobody-covers = Give a stage this zone, or accept that the fault is cleared from elsewhere.
finding-relay-without-stage = The relay has no stages.
hint-relay-without-stage = Add a stage, or remove the relay.
finding-stage-without-zone = The stage must see nothing: it has no zones.
hint-stage-without-zone = Say what it covers and in which role.
finding-relay-on-dead-line = Its line { $line } is out of service in the network: nothing is required of it.
hint-relay-on-dead-line = Put the line in service, or remove the relay.
finding-unused-sensitivity = No stage has a zone with this role.
hint-unused-sensitivity = Look at the name of the protection, or remove the row.
finding-scheme-without-change = Nothing differs from the network as it stands.
hint-scheme-without-change = Say what is out, earthed or isolated, or remove the scheme.
finding-units-without-power = No class has a least power: the objective mw finds nothing to choose by.
hint-units-without-power = Give min_mw to the classes in units.toml.
finding-unit-out-of-service = The network has these units out of service; they count as available: { $elements }.
hint-unit-out-of-service = Set at_most when they are not.
finding-neutral-without-effect = Earthing or isolating this neutral changes no current.
hint-neutral-without-effect = Look at the vector group of its transformer, or remove the neutral from units.toml.
finding-nothing-required = Nothing is required: every composition is adequate.
hint-nothing-required = Give stages zones in the roles that answer for the case's failures, and look at what is waived.
