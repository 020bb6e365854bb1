package conformance

import (
	"strings"
	"testing"

	"github.com/aquasecurity/trivy/pkg/fanal/secret"
)

// trivyRules returns the rules that Trivy has built in.
func trivyRules(t *testing.T) (rules []rule) {
	t.Helper()
	for _, r := range secret.NewScanner(nil).Rules {
		if r.Regex == nil {
			continue
		}
		expression, group := r.Regex.String(), r.Regex.SubexpIndex(r.SecretGroupName)
		if group < 0 {
			group = whole
			// behind a name and an operator
			if _, value, ok := strings.Cut(expression, `.{0,5}['\"]`); ok {
				expression = "(?i)" + strings.TrimSuffix(value, `['\"]`)
			}
		}
		rules = append(rules, rule{id: r.ID, expression: expression, group: group})
	}
	return rules
}
