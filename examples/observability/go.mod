module github.com/dashstream/dashstream-go/examples/observability

go 1.26.0

replace github.com/dashstream/dashstream-go => ../../

require (
	github.com/dashstream/dashstream-go v0.0.0
	gopkg.in/yaml.v3 v3.0.1
)
