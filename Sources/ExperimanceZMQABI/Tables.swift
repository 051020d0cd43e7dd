// SPDX-License-Identifier: Apache-2.0

import ExperimanceZMQ
import ExperimanceZMQFaults

typealias Schedule = ZMQBackoff<SplitMix64>

// Where the handles lead that are none of the engine's.
let contexts: HandleTable<ContextCore> = HandleTable(kind: 0x43)
let schedules: HandleTable<Guarded<Schedule>> = HandleTable(kind: 0x42)
let faultProxies: HandleTable<FaultProxyCore> = HandleTable(kind: 0x46)
let proxies: HandleTable<Forwarding> = HandleTable(kind: 0x50)
let messages: HandleTable<MessageBox> = HandleTable(kind: 0x4D)
let authenticators: HandleTable<Authenticator> = HandleTable(kind: 0x41)
