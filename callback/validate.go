package callback

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// Validate returns everything that is wrong with the configuration as one joined error, or nil. It
// reads the files that the configuration names and connects to nothing. [New] does the same first.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Disabled {
		return nil
	}
	return c.validate()
}

// validate returns everything that is wrong. c has its defaults.
func (c *Config) validate() error {
	var errs []error
	usable := *c // with defaults in place of wrong values, so that nothing is reported twice
	for i := range table.Rows {
		row := &table.Rows[i]
		if err := table.Check(row, c, c.environment.from); err != nil {
			errs = append(errs, err)
			usable.reset(row.Field)
		}
	}
	errs = append(errs, usable.checkSizes()...)
	errs = append(errs, usable.checkRedaction()...)
	if c.Sender == nil && c.LinesFile == "" {
		errs = append(errs, usable.checkDestination()...)
	}
	return errors.Join(errs...)
}

// reset gives a field its default.
func (c *Config) reset(field string) {
	defaults := Config{}.withDefaults()
	at(reflect.ValueOf(c).Elem(), field).Set(at(reflect.ValueOf(defaults), field))
}

// at returns a field of a Config by the name it has in the table of settings.
func at(config reflect.Value, field string) reflect.Value {
	for name := range strings.SplitSeq(field, ".") {
		config = config.FieldByName(name)
	}
	return config
}

// named returns how errors name a field: by its name and the variable that set it.
func (c *Config) named(field string) string { return table.Named(field, c.environment.from) }

// wrongField describes a value that is wrong because of another field.
func (c *Config) wrongField(field string, value any, want string, args ...any) error {
	shown := settings.Quoted(value)
	if value == "[REDACTED]" || value == "(set)" {
		shown = fmt.Sprint(value)
	}
	return fmt.Errorf("callback: %s is %s, want %s", c.named(field), shown,
		fmt.Sprintf(want, args...))
}

// maxEnvelope is more than the engine and the wire format add to one message.
const maxEnvelope = 8 << 10

// checkSizes checks that messages fit into batches and into the queue.
func (c *Config) checkSizes() (errs []error) {
	if most := c.QueueBytes - maxEnvelope; int64(c.MaxMessageBytes) > most {
		errs = append(errs, c.wrongField("MaxMessageBytes",
			settings.FormatSize(int64(c.MaxMessageBytes)),
			"at most %s, which %s of %s leaves it", settings.FormatSize(most),
			c.named("QueueBytes"), settings.FormatSize(c.QueueBytes)))
	}
	if c.Linger >= c.DeliveryTimeout {
		errs = append(errs, c.wrongField("Linger", c.Linger, "less than %s, which is %v",
			c.named("DeliveryTimeout"), c.DeliveryTimeout))
	}
	if c.BatchBytes > c.MaxMessageBytes {
		errs = append(errs, c.wrongField("BatchBytes", settings.FormatSize(int64(c.BatchBytes)),
			"at most %s, as %s says: a broker would refuse a full batch",
			settings.FormatSize(int64(c.MaxMessageBytes)), c.named("MaxMessageBytes")))
	}
	return errs
}

// checkDestination checks the settings of the connection, and reads the files that they name.
func (c *Config) checkDestination() []error {
	errs := append(c.checkLogin(), c.checkTLS()...)
	if len(errs) > 0 {
		return errs
	}
	k := c.kafka()
	if err := k.Validate(); err != nil {
		return []error{destinationError{err}}
	}
	return nil
}

// checkTLS checks that a certificate and its key are set together, and neither without TLS.
func (c *Config) checkTLS() (errs []error) {
	files := []struct{ field, value string }{
		{"TLSCAFile", c.TLSCAFile}, {"TLSCertFile", c.TLSCertFile}, {"TLSKeyFile", c.TLSKeyFile},
		{"TLSKeyPassword", c.TLSKeyPassword.String()},
	}
	if !strings.HasSuffix(string(c.SecurityProtocol), "ssl") {
		for _, f := range files {
			if f.value != "" {
				errs = append(errs, c.wrongField(f.field, f.value,
					"none with %s %s; or ssl, or sasl_ssl, there",
					c.named("SecurityProtocol"), c.SecurityProtocol))
			}
		}
		return errs
	}
	if c.TLSKeyFile == "" && c.TLSCertFile != "" {
		errs = append(errs, c.wrongField("TLSKeyFile", "", "the key of %s %s",
			c.named("TLSCertFile"), settings.Shown(c.TLSCertFile)))
	}
	if c.TLSCertFile == "" && c.TLSKeyFile != "" {
		errs = append(errs, c.wrongField("TLSCertFile", "", "the certificate of %s %s",
			c.named("TLSKeyFile"), settings.Shown(c.TLSKeyFile)))
	}
	if c.TLSKeyFile == "" && !c.TLSKeyPassword.IsZero() {
		errs = append(errs, c.wrongField("TLSKeyFile", "", "the key that %s opens",
			c.named("TLSKeyPassword")))
	}
	return errs
}

// destinationError is an error of package kafka about a configuration, with the settings' names in
// this package.
type destinationError struct{ err error }

func (e destinationError) Error() string {
	return strings.ReplaceAll(e.err.Error(), "kafka: ", "callback: ")
}

func (e destinationError) Unwrap() error { return e.err }
