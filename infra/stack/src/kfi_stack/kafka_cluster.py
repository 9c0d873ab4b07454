"""Apache Kafka on three nodes, as in production: any one of them may die, and nothing that was acknowledged is lost."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kfi_stack import ports
from kfi_stack.credentials import Credentials
from kfi_stack.kafka import Kafka, Quorum, Voter, new_id
from kfi_stack.kafka_server import KafkaServer
from kfi_stack.parts import Say
from kfi_stack.program import Program
from kfi_stack.supervisor import Supervisor
from kfi_stack.topics import load_plan

NODES = 3
HEAP_MEGABYTES = 384


@dataclass(frozen=True)
class KafkaCluster:
    """Three nodes, each broker and controller; every record lies on all three and counts once two have it."""

    nodes: tuple[Kafka, ...]

    @classmethod
    def in_folder(cls, folder: Path) -> "KafkaCluster":
        """A new cluster on free ports."""
        admin, controller = (Credentials(name, secrets.token_urlsafe(18)) for name in ("admin", "controller"))
        free = ports.free_ports(2 * NODES)
        voters = tuple(Voter(number, free[-number], new_id()) for number in range(1, NODES + 1))
        quorum = Quorum(new_id(), voters)
        nodes = (
            Kafka(
                folder / f"kafka-{voter.node_id}", port, voter.port, admin, controller, HEAP_MEGABYTES,
                node_id=voter.node_id, quorum=quorum,
            )
            for voter, port in zip(voters, free, strict=False)
        )  # fmt: skip
        return cls(tuple(nodes))

    @property
    def bootstrap(self) -> str:
        """Where clients connect: any of them will do."""
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self, supervisor: Supervisor, *, say: Say = print) -> KafkaServer:
        """Start all nodes side by side and bring the cluster to `infra/kafka`. Raises StackError."""

        def program(node: Kafka) -> Program:
            return node.program(say=say)

        with ThreadPoolExecutor(NODES) as pool:
            programs = list(pool.map(program, self.nodes))
            list(pool.map(supervisor.start, programs))
        users = {name: Credentials(name, secrets.token_urlsafe(18)) for name in load_plan().users}
        server = KafkaServer(self.bootstrap, "SASL_PLAINTEXT", self.nodes[0].admin, users)
        server.apply()
        return server
