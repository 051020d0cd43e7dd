// SPDX-License-Identifier: Apache-2.0

import LibC

extension SocketCore {
    /// One attempt to bind within the process or to a path.
    func bindOnce(_ endpoint: Endpoint) throws(ConnectFailure) -> String {
        switch endpoint.target {
        case .inproc(let name):
            // libzmq ends the process when it asks there, and what is bound can not answer.
            guard endpoint.text.string != ZAPSocket.endpoint || kind == .rep || kind == .router else {
                throw ConnectFailure(
                    code: .notSupported,
                    reason: "libzmq asks there who may come in, and a \(kind.name) can not answer: bind a REP or ROUTER"
                )
            }
            // libzmq would take the bind back with the connect, as it tells the two of a socket by their name.
            guard connecting.links(to: endpoint.target).isEmpty else {
                throw ConnectFailure(code: .invalid, reason: "the socket is connected to \(endpoint.text) itself")
            }
            let actual = try unsafe listen(endpoint.text, endpoint.target) { unsafe ZMQ.bind($0, endpoint.text.string) }
            announceInproc(name)
            if endpoint.text.string == ZAPSocket.endpoint { context.programHandler.comes() }
            return actual
        case .ipc(let path)
        where options.ipcMode != nil && (path == "*" || path.string.utf8.first == UInt8(ascii: "@")):
            throw ConnectFailure(code: .notSupported, reason: "ipc_mode is for paths, and \(endpoint.text) names none")
        case .ipc("*"):
            // libzmq makes a directory for it, which nobody else has, and removes it.
            return try unsafe listen(endpoint.text, endpoint.target) { unsafe ZMQ.bind($0, endpoint.text.string) }
        case .ipc(let path):
            let (descriptor, file) = try LocalPath.listen(at: path.string, try listeningSettings())
            return try listen(endpoint.text, endpoint.target, on: descriptor, file: file)
        case .tcp(_, let port):
            return try bindOnce(endpoint, at: [], port)
        }
    }

    /// One attempt to bind over TCP.
    func bindOnce(
        _ endpoint: Endpoint,
        at addresses: [NumericAddress],
        _ port: UInt16
    ) throws(ConnectFailure) -> String {
        let settings = try listeningSettings()
        let descriptor: Int32
        do throws(ListeningDescriptor.Failure) {
            descriptor = try ListeningDescriptor.open(at: addresses, settings)
        } catch {
            throw ConnectFailure(error, port: port) { OwnListeners.has(port: $0) }
        }
        return try listen(endpoint.text, endpoint.target, on: descriptor)
    }

    /// Listens with a descriptor that somebody else has made to listen.
    func bind(descriptor: Int32) throws(ZMQSocketError) -> String {
        peersMayCome()
        do throws(ConnectFailure) {
            let target: Endpoint.Target
            switch ListeningDescriptor.examine(descriptor) {
            case .tcp: target = .tcp(host: "0.0.0.0", port: 0)
            case .local: target = .ipc(path: "handed over")
            case .unfit(let reason): throw ConnectFailure(code: .invalid, reason: reason)
            }
            let own: Int32
            do throws(ListeningDescriptor.Failure) {
                own = try ListeningDescriptor.copy(descriptor)
            } catch {
                throw ConnectFailure(error)
            }
            return try listen(nil, target, on: own)
        } catch {
            throw fail(
                ZMQSocketError(
                    error.code,
                    systemErrno: error.systemErrno,
                    message: "can not listen with descriptor \(descriptor): \(error.reason)"
                )
            )
        }
    }

    private func listeningSettings() throws(ConnectFailure) -> ListeningSettings {
        unsafe ListeningSettings(of: try liveSocket(), mode: options.ipcMode)
    }

    private func liveSocket() throws(ConnectFailure) -> RawSocket {
        guard let socket = unsafe socket else { throw ConnectFailure(code: .closed, reason: Code.closed.explanation) }
        return unsafe socket
    }

    /// Has libzmq accept connections from a descriptor, which is its own to close from then on.
    private func listen(
        _ text: ExactText?,
        _ target: Endpoint.Target,
        on descriptor: Int32,
        file: LocalPath? = nil
    ) throws(ConnectFailure) -> String {
        do throws(ConnectFailure) {
            return try unsafe listen(text, target, file: file) { unsafe ZMQ.listen($0, on: descriptor, target) }
        } catch {
            file?.remove()
            close(descriptor)
            throw error
        }
    }

    /// - Parameter text: as the caller wrote it; nil if that is what libzmq finds.
    private func listen(
        _ text: ExactText?,
        _ target: Endpoint.Target,
        file: LocalPath? = nil,
        _ begin: (RawSocket) -> Int32
    ) throws(ConnectFailure) -> String {
        let socket = try unsafe liveSocket()
        // libzmq copies its limits when it is told to bind; a connect may have changed them.
        _ = unsafe ZMQSocketOptions.setUsualLimit(of: socket)
        bound.willBind()
        let status = unsafe begin(socket)
        // It has worked through what had arrived, and may have used up the signal of it.
        pump()
        guard status == 0 else { throw ConnectFailure(errno: status, of: .bind) }
        let actual = unsafe ZMQ.lastEndpoint(of: socket).map { ExactText($0) } ?? text ?? ""
        let made = BoundEndpoint(text: text ?? actual, actual: actual, target: target, file: file)
        bound.add(made)
        report(ZMQEvent(.listening, endpoint: made.shown.string))
        return made.shown.string
    }

    /// Where to listen; nil if that is a name to be resolved.
    func knownAddresses(of host: String, _ port: UInt16) throws(ConnectFailure) -> [NumericAddress]? {
        do throws(ListeningDescriptor.Failure) {
            return try ListeningDescriptor.addresses(of: host, port: port)
        } catch {
            throw ConnectFailure(error)
        }
    }

    /// Has a name resolved; those who wait for a change are told when there is an answer.
    func askForAddresses(of host: String, _ port: UInt16) -> AddressQuery {
        let query = AddressQuery(host, port: port)
        context.nameService.resolve(host, port: port, supervisor: context.supervisor) { [self] result in
            query.answered(result)
            locked { waiters.wakeAll(.state) }
        }
        return query
    }
}
