//! The classes and attributes of CIM that a short-circuit model needs; all others are passed over unread.
//!
//! Names are those of IEC 61970-301 as profiled by CGMES 2.4.15 (CIM 16) and CGMES 3.0 (CIM 100), which agree on all of these.

use std::collections::HashMap;
use std::sync::LazyLock;

/// An enum whose variants have names in the files.
macro_rules! named {
    ($(#[$about:meta])* $kind:ident { $($variant:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum $kind { $($variant,)* }

        impl $kind {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in the files, without prefix.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The one of this name.
            pub(crate) fn of(name: &str) -> Option<Self> {
                static NAMES: LazyLock<HashMap<&str, $kind>> =
                    LazyLock::new(|| $kind::ALL.iter().map(|kind| (kind.name(), *kind)).collect());
                NAMES.get(name).copied()
            }
        }
    };
}

named! {
    /// What an object is.
    Class {
        FullModel = "FullModel",
        DifferenceModel = "DifferenceModel",
        BaseVoltage = "BaseVoltage",
        Substation = "Substation",
        VoltageLevel = "VoltageLevel",
        Bay = "Bay",
        Line = "Line",
        Terminal = "Terminal",
        ConnectivityNode = "ConnectivityNode",
        TopologicalNode = "TopologicalNode",
        BusbarSection = "BusbarSection",
        Junction = "Junction",
        Switch = "Switch",
        Breaker = "Breaker",
        Disconnector = "Disconnector",
        DisconnectingCircuitBreaker = "DisconnectingCircuitBreaker",
        LoadBreakSwitch = "LoadBreakSwitch",
        GroundDisconnector = "GroundDisconnector",
        Fuse = "Fuse",
        Jumper = "Jumper",
        Ground = "Ground",
        PetersenCoil = "PetersenCoil",
        GroundingImpedance = "GroundingImpedance",
        ACLineSegment = "ACLineSegment",
        MutualCoupling = "MutualCoupling",
        SeriesCompensator = "SeriesCompensator",
        EquivalentBranch = "EquivalentBranch",
        EquivalentInjection = "EquivalentInjection",
        EquivalentShunt = "EquivalentShunt",
        PowerTransformer = "PowerTransformer",
        PowerTransformerEnd = "PowerTransformerEnd",
        RatioTapChanger = "RatioTapChanger",
        RatioTapChangerTablePoint = "RatioTapChangerTablePoint",
        PhaseTapChangerLinear = "PhaseTapChangerLinear",
        PhaseTapChangerSymmetrical = "PhaseTapChangerSymmetrical",
        PhaseTapChangerAsymmetrical = "PhaseTapChangerAsymmetrical",
        PhaseTapChangerTabular = "PhaseTapChangerTabular",
        PhaseTapChangerTablePoint = "PhaseTapChangerTablePoint",
        SynchronousMachine = "SynchronousMachine",
        AsynchronousMachine = "AsynchronousMachine",
        GeneratingUnit = "GeneratingUnit",
        HydroGeneratingUnit = "HydroGeneratingUnit",
        NuclearGeneratingUnit = "NuclearGeneratingUnit",
        SolarGeneratingUnit = "SolarGeneratingUnit",
        ThermalGeneratingUnit = "ThermalGeneratingUnit",
        WindGeneratingUnit = "WindGeneratingUnit",
        PowerElectronicsConnection = "PowerElectronicsConnection",
        PhotoVoltaicUnit = "PhotoVoltaicUnit",
        PowerElectronicsWindUnit = "PowerElectronicsWindUnit",
        BatteryUnit = "BatteryUnit",
        ExternalNetworkInjection = "ExternalNetworkInjection",
        EnergySource = "EnergySource",
        EnergyConsumer = "EnergyConsumer",
        ConformLoad = "ConformLoad",
        NonConformLoad = "NonConformLoad",
        StationSupply = "StationSupply",
        LinearShuntCompensator = "LinearShuntCompensator",
        NonlinearShuntCompensator = "NonlinearShuntCompensator",
        NonlinearShuntCompensatorPoint = "NonlinearShuntCompensatorPoint",
        StaticVarCompensator = "StaticVarCompensator",
        VsConverter = "VsConverter",
        CsConverter = "CsConverter",
    }
}

named! {
    /// What is said about an object.
    Attr {
        Name = "IdentifiedObject.name",
        Mrid = "IdentifiedObject.mRID",
        Profile = "Model.profile",
        ScenarioTime = "Model.scenarioTime",
        NominalVoltage = "BaseVoltage.nominalVoltage",
        LevelBaseVoltage = "VoltageLevel.BaseVoltage",
        LevelSubstation = "VoltageLevel.Substation",
        BayVoltageLevel = "Bay.VoltageLevel",
        BaySubstation = "Bay.Substation",
        Container = "Equipment.EquipmentContainer",
        InService = "Equipment.inService",
        NormallyInService = "Equipment.normallyInService",
        BaseVoltage = "ConductingEquipment.BaseVoltage",
        TerminalEquipment = "Terminal.ConductingEquipment",
        TerminalNode = "Terminal.ConnectivityNode",
        TerminalBus = "Terminal.TopologicalNode",
        TerminalNumber = "ACDCTerminal.sequenceNumber",
        TerminalConnected = "ACDCTerminal.connected",
        NodeContainer = "ConnectivityNode.ConnectivityNodeContainer",
        NodeBus = "ConnectivityNode.TopologicalNode",
        BusContainer = "TopologicalNode.ConnectivityNodeContainer",
        BusBaseVoltage = "TopologicalNode.BaseVoltage",
        SwitchOpen = "Switch.open",
        SwitchNormalOpen = "Switch.normalOpen",
        LineLength = "Conductor.length",
        LineR = "ACLineSegment.r",
        LineX = "ACLineSegment.x",
        LineB = "ACLineSegment.bch",
        LineG = "ACLineSegment.gch",
        LineR0 = "ACLineSegment.r0",
        LineX0 = "ACLineSegment.x0",
        LineB0 = "ACLineSegment.b0ch",
        LineG0 = "ACLineSegment.g0ch",
        LineTemperature = "ACLineSegment.shortCircuitEndTemperature",
        CouplingFirst = "MutualCoupling.First_Terminal",
        CouplingSecond = "MutualCoupling.Second_Terminal",
        CouplingR0 = "MutualCoupling.r0",
        CouplingX0 = "MutualCoupling.x0",
        CouplingDistance11 = "MutualCoupling.distance11",
        CouplingDistance12 = "MutualCoupling.distance12",
        CouplingDistance21 = "MutualCoupling.distance21",
        CouplingDistance22 = "MutualCoupling.distance22",
        SeriesR = "SeriesCompensator.r",
        SeriesX = "SeriesCompensator.x",
        SeriesR0 = "SeriesCompensator.r0",
        SeriesX0 = "SeriesCompensator.x0",
        BranchR = "EquivalentBranch.r",
        BranchX = "EquivalentBranch.x",
        BranchR21 = "EquivalentBranch.r21",
        BranchX21 = "EquivalentBranch.x21",
        BranchPositiveR = "EquivalentBranch.positiveR12",
        BranchPositiveX = "EquivalentBranch.positiveX12",
        BranchZeroR = "EquivalentBranch.zeroR12",
        BranchZeroX = "EquivalentBranch.zeroX12",
        InjectionR = "EquivalentInjection.r",
        InjectionX = "EquivalentInjection.x",
        InjectionR0 = "EquivalentInjection.r0",
        InjectionX0 = "EquivalentInjection.x0",
        InjectionR2 = "EquivalentInjection.r2",
        InjectionX2 = "EquivalentInjection.x2",
        InjectionP = "EquivalentInjection.p",
        InjectionQ = "EquivalentInjection.q",
        EquivalentShuntB = "EquivalentShunt.b",
        EquivalentShuntG = "EquivalentShunt.g",
        TransformerInBlock = "PowerTransformer.isPartOfGeneratorUnit",
        TransformerOperational = "PowerTransformer.operationalValuesConsidered",
        TransformerOperatingCurrent = "PowerTransformer.beforeShCircuitHighestOperatingCurrent",
        TransformerOperatingVoltage = "PowerTransformer.beforeShCircuitHighestOperatingVoltage",
        TransformerOperatingAngle = "PowerTransformer.beforeShortCircuitAnglePf",
        EndTransformer = "PowerTransformerEnd.PowerTransformer",
        EndTerminal = "TransformerEnd.Terminal",
        EndNumber = "TransformerEnd.endNumber",
        EndBaseVoltage = "TransformerEnd.BaseVoltage",
        EndGrounded = "TransformerEnd.grounded",
        EndRground = "TransformerEnd.rground",
        EndXground = "TransformerEnd.xground",
        EndRatedU = "PowerTransformerEnd.ratedU",
        EndRatedS = "PowerTransformerEnd.ratedS",
        EndR = "PowerTransformerEnd.r",
        EndX = "PowerTransformerEnd.x",
        EndR0 = "PowerTransformerEnd.r0",
        EndX0 = "PowerTransformerEnd.x0",
        EndB = "PowerTransformerEnd.b",
        EndG = "PowerTransformerEnd.g",
        EndB0 = "PowerTransformerEnd.b0",
        EndG0 = "PowerTransformerEnd.g0",
        EndConnection = "PowerTransformerEnd.connectionKind",
        EndClock = "PowerTransformerEnd.phaseAngleClock",
        RatioTapEnd = "RatioTapChanger.TransformerEnd",
        RatioTapIncrement = "RatioTapChanger.stepVoltageIncrement",
        RatioTapTable = "RatioTapChanger.RatioTapChangerTable",
        RatioPointTable = "RatioTapChangerTablePoint.RatioTapChangerTable",
        PhaseTapEnd = "PhaseTapChanger.TransformerEnd",
        PhaseTapShift = "PhaseTapChangerLinear.stepPhaseShiftIncrement",
        PhaseTapIncrement = "PhaseTapChangerNonLinear.voltageStepIncrement",
        PhaseTapAngle = "PhaseTapChangerAsymmetrical.windingConnectionAngle",
        PhaseTapTable = "PhaseTapChangerTabular.PhaseTapChangerTable",
        PhasePointTable = "PhaseTapChangerTablePoint.PhaseTapChangerTable",
        PhasePointAngle = "PhaseTapChangerTablePoint.angle",
        PointStep = "TapChangerTablePoint.step",
        PointRatio = "TapChangerTablePoint.ratio",
        TapOnLoad = "TapChanger.ltcFlag",
        TapLow = "TapChanger.lowStep",
        TapHigh = "TapChanger.highStep",
        TapNeutral = "TapChanger.neutralStep",
        TapNormal = "TapChanger.normalStep",
        TapStep = "TapChanger.step",
        MachineRatedS = "RotatingMachine.ratedS",
        MachineRatedU = "RotatingMachine.ratedU",
        MachinePowerFactor = "RotatingMachine.ratedPowerFactor",
        MachineUnit = "RotatingMachine.GeneratingUnit",
        MachineP = "RotatingMachine.p",
        MachineQ = "RotatingMachine.q",
        MachineR = "SynchronousMachine.r",
        MachineR2 = "SynchronousMachine.r2",
        MachineX2 = "SynchronousMachine.x2",
        MachineR0 = "SynchronousMachine.r0",
        MachineX0 = "SynchronousMachine.x0",
        MachineXd2 = "SynchronousMachine.satDirectSubtransX",
        MachineXd = "SynchronousMachine.satDirectSyncX",
        MachineRange = "SynchronousMachine.voltageRegulationRange",
        MachineEarthed = "SynchronousMachine.earthing",
        MachineEarthR = "SynchronousMachine.earthingStarPointR",
        MachineEarthX = "SynchronousMachine.earthingStarPointX",
        MachineRotor = "SynchronousMachine.shortCircuitRotorType",
        MachineType = "SynchronousMachine.type",
        MotorType = "AsynchronousMachine.asynchronousMachineType",
        MotorConverterFed = "AsynchronousMachine.converterFedDrive",
        MotorEfficiency = "AsynchronousMachine.efficiency",
        MotorStartRatio = "AsynchronousMachine.iaIrRatio",
        MotorPolePairs = "AsynchronousMachine.polePairNumber",
        MotorPower = "AsynchronousMachine.ratedMechanicalPower",
        MotorReversible = "AsynchronousMachine.reversible",
        MotorRx = "AsynchronousMachine.rxLockedRotorRatio",
        UnitMinP = "GeneratingUnit.minOperatingP",
        UnitMaxP = "GeneratingUnit.maxOperatingP",
        ElectronicsRatedS = "PowerElectronicsConnection.ratedS",
        ElectronicsRatedU = "PowerElectronicsConnection.ratedU",
        ElectronicsFault = "PowerElectronicsConnection.maxIFault",
        ElectronicsP = "PowerElectronicsConnection.p",
        ElectronicsQ = "PowerElectronicsConnection.q",
        FeederMaxCurrent = "ExternalNetworkInjection.maxInitialSymShCCurrent",
        FeederMinCurrent = "ExternalNetworkInjection.minInitialSymShCCurrent",
        FeederMaxRx = "ExternalNetworkInjection.maxR1ToX1Ratio",
        FeederMinRx = "ExternalNetworkInjection.minR1ToX1Ratio",
        FeederMaxZ0 = "ExternalNetworkInjection.maxZ0ToZ1Ratio",
        FeederMinZ0 = "ExternalNetworkInjection.minZ0ToZ1Ratio",
        FeederMaxRx0 = "ExternalNetworkInjection.maxR0ToX0Ratio",
        FeederMinRx0 = "ExternalNetworkInjection.minR0ToX0Ratio",
        SourceR = "EnergySource.r",
        SourceX = "EnergySource.x",
        SourceR0 = "EnergySource.r0",
        SourceX0 = "EnergySource.x0",
        SourceVoltage = "EnergySource.voltageMagnitude",
        SourceAngle = "EnergySource.voltageAngle",
        SourceP = "EnergySource.activePower",
        SourceQ = "EnergySource.reactivePower",
        LoadP = "EnergyConsumer.p",
        LoadQ = "EnergyConsumer.q",
        LoadFixedP = "EnergyConsumer.pfixed",
        LoadFixedQ = "EnergyConsumer.qfixed",
        ShuntGrounded = "ShuntCompensator.grounded",
        ShuntSections = "ShuntCompensator.sections",
        ShuntNormalSections = "ShuntCompensator.normalSections",
        ShuntB = "LinearShuntCompensator.bPerSection",
        ShuntG = "LinearShuntCompensator.gPerSection",
        ShuntB0 = "LinearShuntCompensator.b0PerSection",
        ShuntG0 = "LinearShuntCompensator.g0PerSection",
        PointShunt = "NonlinearShuntCompensatorPoint.NonlinearShuntCompensator",
        PointSection = "NonlinearShuntCompensatorPoint.sectionNumber",
        PointB = "NonlinearShuntCompensatorPoint.b",
        PointG = "NonlinearShuntCompensatorPoint.g",
        PointB0 = "NonlinearShuntCompensatorPoint.b0",
        PointG0 = "NonlinearShuntCompensatorPoint.g0",
        StaticVarQ = "StaticVarCompensator.q",
        ConverterP = "ACDCConverter.p",
        ConverterQ = "ACDCConverter.q",
        ConverterRatedS = "ACDCConverter.baseS",
        EarthCoilR = "EarthFaultCompensator.r",
        CoilX = "PetersenCoil.xGroundNominal",
        EarthImpedanceX = "GroundingImpedance.x",
    }
}

/// How the text of an attribute reads; references and enumerations are told by their form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A text.
    Text,
}

impl Attr {
    /// How its text reads.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Name | Self::Mrid | Self::Profile | Self::ScenarioTime => Kind::Text,
            Self::InService
            | Self::NormallyInService
            | Self::TerminalConnected
            | Self::SwitchOpen
            | Self::SwitchNormalOpen
            | Self::TransformerInBlock
            | Self::TransformerOperational
            | Self::EndGrounded
            | Self::TapOnLoad
            | Self::MachineEarthed
            | Self::MotorConverterFed
            | Self::MotorReversible
            | Self::ShuntGrounded => Kind::Flag,
            _ => Kind::Number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_name_it_lists() {
        assert!(Class::ALL.iter().all(|class| Class::of(class.name()) == Some(*class)));
        assert!(Attr::ALL.iter().all(|attr| Attr::of(attr.name()) == Some(*attr)));
    }

    #[test]
    fn passes_over_what_it_does_not_need() {
        assert_eq!(Class::of("CurrentLimit"), None);
        assert_eq!(Attr::of("CurrentLimit.value"), None);
    }
}
