module github.com/dashstream/dashstream-go/callback/dashotel

go 1.26.0

require (
	github.com/dashstream/dashstream-go v0.0.0-00010101000000-000000000000
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/sdk v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0
)

replace github.com/dashstream/dashstream-go => ../..
