#!/usr/bin/env bash
# What the official image does with its variables: KAFKA_LOG_DIRS becomes log.dirs (a double underscore stands
# for one, a triple for a dash), the storage is formatted at the first start, and the server takes this process.
set -euo pipefail
properties=/opt/kafka/config/server.properties
: >"$properties"
while IFS='=' read -r -d '' name value; do
  case $name in
    KAFKA_HEAP_OPTS | KAFKA_OPTS | KAFKA_JVM_*) continue ;;
    KAFKA_*)
      key=$(sed -e 's/^KAFKA_//' -e 's/___/-/g' -e 's/__/\x01/g' -e 's/_/./g' -e 's/\x01/_/g' <<<"$name")
      printf '%s=%s\n' "${key,,}" "$value" >>"$properties"
      ;;
  esac
done < <(env -0)

java_options=(-Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/libs/*')
java -Xmx128m "${java_options[@]}" kafka.tools.StorageTool format --ignore-formatted \
  --cluster-id "${CLUSTER_ID:?}" --config "$properties"
# shellcheck disable=SC2086 - the variables hold options
exec java ${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G} ${KAFKA_OPTS:-} -Dorg.slf4j.simpleLogger.defaultLogLevel=info \
  -cp '/opt/kafka/libs/*' kafka.Kafka "$properties"
