module github.com/dashstream/dashstream-go/examples/liveview

go 1.26.0

replace github.com/dashstream/dashstream-go => ../../

require (
	github.com/dashstream/dashstream-go v0.0.0
	github.com/klauspost/compress v1.20.3
)

require google.golang.org/protobuf v1.36.12 // indirect
