package conformance

import (
	"strings"
	"testing"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
)

// gitleaksRules returns the rules that gitleaks has built in.
func gitleaksRules(t *testing.T) (rules []rule) {
	t.Helper()
	v := viper.New()
	v.SetConfigType("toml")
	if err := v.ReadConfig(strings.NewReader(config.DefaultConfig)); err != nil {
		t.Fatal(err)
	}
	var read config.ViperConfig
	if err := v.Unmarshal(&read); err != nil {
		t.Fatal(err)
	}
	for _, r := range read.Rules {
		if r.Regex != "" {
			rules = append(rules, rule{id: r.ID, expression: r.Regex, group: r.SecretGroup})
		}
	}
	return rules
}
