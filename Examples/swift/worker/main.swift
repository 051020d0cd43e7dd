// SPDX-License-Identifier: Apache-2.0
// worker ENDPOINT: does the jobs that somebody pushes there, four at a time, until one says that it is the last.

import ExperimanceZMQ

let endpoint = CommandLine.arguments.last ?? ""
try await ZMQPuller.with { puller in
    try await puller.connect(endpoint, timeout: .seconds(10))
    try await withThrowingTaskGroup { workers in
        for number in 1...4 {
            workers.addTask {
                for try await job in puller.messages {
                    if job.text == "last" { return }
                    print("worker \(number) does \(job.text)")
                }
            }
        }
        try await workers.next()
        workers.cancelAll()  // the others: each ends with the job that it has
        try await workers.waitForAll()
    }
}
