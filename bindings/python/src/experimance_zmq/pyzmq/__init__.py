# SPDX-License-Identifier: Apache-2.0
"""What pyzmq's programs run on when `PYZMQ_BACKEND` names `experimance_zmq.pyzmq_backend`."""
