"""What is set on every node of Apache Kafka here, and what hangs on how many nodes there are."""

from typing import Final

NODE: Final[dict[str, object]] = {
    "process.roles": "broker,controller",
    # Controllers know no SCRAM users before they have read their log (KIP-900), so they use PLAIN among themselves.
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENT",
    "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.num.partitions": 4,
    "group.initial.rebalance.delay.ms": 0,
    "broker.heartbeat.interval.ms": 500,
}


def copies(count: int, in_sync: int) -> dict[str, object]:
    """On how many nodes each record lies, and how many of them have it before it counts as written."""
    return {
        "default.replication.factor": count,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": count,
        "transaction.state.log.replication.factor": count,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": count,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


ALONE: Final = copies(1, in_sync=1) | {
    # A node alone that was killed leads again as soon as it is up, until its old session ends, and then anew. If that
    # end falls into the loading of its groups, as after 3 s on a slow machine, the loading fails, and Kafka 4.3 begins
    # it again only with the next change of the leader. Should none come, nobody commits offsets there any more.
    "broker.session.timeout.ms": 9000,
}
REPLICATED: Final = copies(3, in_sync=2) | {
    # So long the others wait before they lead what a killed node led.
    "broker.session.timeout.ms": 3000,
}
