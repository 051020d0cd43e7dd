# SPDX-License-Identifier: Apache-2.0
"""`kernel_first.py`: has a kernel of Jupyter's compute, and ends it before its client, which still sends to it."""

from jupyter_client.manager import start_new_kernel

from backend_used import backend_used

PATIENCE = 100


def main() -> None:
    print(f"backend {backend_used()}", flush=True)
    manager, client = start_new_kernel(startup_timeout=PATIENCE, extra_arguments=["--log-level=ERROR"])
    client.execute_interactive("print('answer', 6 * 7, flush=True)", timeout=PATIENCE)
    manager.shutdown_kernel()
    client.kernel_info()
    client.stop_channels()
    print("over", flush=True)


if __name__ == "__main__":
    main()
