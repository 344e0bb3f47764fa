#!/usr/bin/env bash
# One script for the tools of Kafka that are used here, told apart by the name it is called by.
set -euo pipefail
case $(basename "$0") in
  kafka-broker-api-versions.sh) tool=org.apache.kafka.tools.BrokerApiVersionsCommand ;;
  kafka-topics.sh) tool=org.apache.kafka.tools.TopicCommand ;;
  kafka-consumer-groups.sh) tool=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
esac
exec java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
  -cp '/opt/kafka/libs/*' "$tool" "$@"
