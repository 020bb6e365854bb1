// Package kafkatest starts real Apache Kafka on this machine, for tests: Kafka 4.4.0 in KRaft mode,
// one broker or three, on 127.0.0.1 only. It needs Java 17 or newer and, the first time, Maven,
// which fetches Kafka's libraries into the user's cache directory. Nothing has to be installed or
// unpacked by hand.
//
// # By hand
//
// This starts one broker, which runs until it is told to end. Programs and tests that are run from
// the same shell find it:
//
//	eval "$(go run ./internal/kafkatest/cmd/kafka up --export /tmp/kafka)"
//	go test ./...
//	go run ./internal/kafkatest/cmd/kafka down /tmp/kafka
//
// The command can also run another one with a cluster of its own, which is removed afterwards:
//
//	go run ./internal/kafkatest/cmd/kafka run --brokers 3 -- go test ./...
//
// Its --help lists the other commands: to kill, stop, freeze and thaw a broker and to start it
// again.
//
// # How the integration suite finds it
//
// It uses the variables that the command prints. [Brokers] returns DASHSTREAM_TEST_BROKERS, which
// may name any other cluster as well. [FromEnv] opens the directory in DASHSTREAM_TEST_KAFKA_DIR.
// That gives a test the other listeners, the certificates, and brokers that it can freeze and kill.
// For programs that are not written in Go, each of these has a variable of its own: see
// [Cluster.Env].
//
// A test that needs a cluster of its own calls [Start], after it has asked [Available] whether to
// skip:
//
//	if err := kafkatest.Available(); err != nil {
//		t.Skip(err)
//	}
//	cluster, err := kafkatest.Start(t.Context(), kafkatest.Options{Brokers: 3, Log: t.Logf})
//	if err != nil {
//		t.Fatal(err)
//	}
//	defer cluster.Close()
//
// # What a broker is like
//
//	listener         port       a client needs
//	PLAINTEXT        base       nothing; it is a super user
//	SASL_SSL         base + 1   User and Password by SCRAM-SHA-256, SCRAM-SHA-512 or
//	                            PLAIN, and TLS.CA
//	SSL              base + 2   TLS.CA, TLS.Cert and TLS.Key
//	controller       base + 3   (among brokers only)
//	SASL_PLAINTEXT   base + 4   User and Password
//
// The base of broker N is 10·(N-1) above that of the first broker. Topics are not created
// automatically. With three brokers, topics have three replicas and min.insync.replicas is 2, by
// default. Everybody may do what no ACL regulates: a test that needs a rejection sets an ACL over
// PLAINTEXT first. A broker uses up to 512 MB of heap; KAFKA_HEAP_OPTS, such as "-Xms1g -Xmx1g",
// changes that.
package kafkatest
