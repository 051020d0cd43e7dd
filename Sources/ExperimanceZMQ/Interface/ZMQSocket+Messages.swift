// SPDX-License-Identifier: Apache-2.0

// Of any type it might be one that receives and one that sends; what a type can not do throws `notSupported`.
extension ZMQSocket: ZMQReceivingSocket, ZMQSendingSocket {}
