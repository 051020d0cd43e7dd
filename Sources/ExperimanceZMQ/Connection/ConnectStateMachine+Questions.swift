// SPDX-License-Identifier: Apache-2.0

/// What others may know of a machine.
extension ConnectStateMachine {
    var isEstablished: Bool { phase.isEstablished }

    var phaseName: String { phase.name }

    /// See ``ConnectPhase``, here and below.
    var isAttempting: Bool { phase.isAttempting }

    var mayMove: Bool { phase.mayMove }

    var currentAddress: NumericAddress? { phase.address }

    var currentDescriptor: Int32? { phase.descriptor }

    var nextTimer: MonotonicInstant? { phase.nextTimer }
}
