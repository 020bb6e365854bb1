module github.com/dashstream/dashstream-go/benchmarks/confluent

go 1.26.0

require (
	github.com/confluentinc/confluent-kafka-go/v2 v2.11.1
	github.com/dashstream/dashstream-go/benchmarks v0.0.0
)

require (
	github.com/dashstream/dashstream-go v0.0.0 // indirect
	github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace (
	github.com/dashstream/dashstream-go => ../../
	github.com/dashstream/dashstream-go/benchmarks => ../
)
