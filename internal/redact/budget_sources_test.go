package redact

import (
	"fmt"
	"strings"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// lookAlikes returns so many bytes of texts that look like secrets, one after another.
func lookAlikes(seed uint64, bytes int) string {
	var b strings.Builder
	for ; b.Len() < bytes; seed++ {
		for _, l := range corpus.LookAlikes(seed) {
			b.WriteString(l.Text + "\n")
		}
	}
	return b.String()[:bytes]
}

// writers write a few lines each of what is met often, of a kind that no file of Go's own tree is.
var writers = map[string]func(b *strings.Builder, m corpus.Maker){
	"Python": func(b *strings.Builder, m corpus.Maker) {
		name, field := m.Hex(6), m.Hex(4)
		fmt.Fprintf(b, "class Client_%s:\n    \"\"\"Talks to a service.\"\"\"\n\n", name)
		fmt.Fprintf(b, "    def __init__(self, base_url, token=None, timeout=%d):\n", m.IntN(90))
		fmt.Fprintf(b, "        self.base_url = base_url.rstrip(\"/\")\n        self.token = "+
			"token or ")
		fmt.Fprintf(b, "os.environ[\"X_TOKEN\"]\n        self.password = None\n\n")
		fmt.Fprintf(b, "    def get_%s(self, key: str) -> dict[str, Any]:\n        headers = {",
			field)
		fmt.Fprintf(b, "\"Authorization\": f\"Bearer {self.token}\"}\n        for key, value in ")
		fmt.Fprintf(b, "sorted(self.items.items()):\n            if key == %q:\n", field)
		fmt.Fprintf(b, "                return requests.get(f\"{self.base}/%s\", headers=headers)",
			field)
		fmt.Fprintf(b, ".json()\n        raise KeyError(key)\n\n\n")
	},
	"YAML": func(b *strings.Builder, m corpus.Maker) {
		name := m.Hex(5)
		fmt.Fprintf(b, "- name: service-%s\n  image: registry.example.com/team/%s:1.%d\n", name,
			name,
			m.IntN(99))
		fmt.Fprintf(b, "  env:\n    - name: DB_PASSWORD\n      valueFrom:\n        secretKeyRef:\n")
		fmt.Fprintf(b, "          name: db-%s\n          key: password\n    - name: LOG_LEVEL\n",
			name)
		fmt.Fprintf(b, "      value: info\n  ports:\n    - containerPort: %d\n", m.IntN(9999))
		fmt.Fprintf(b, "  serviceAccountToken:\n    path: token\n    expirationSeconds: 3600\n")
	},
	"shell": func(b *strings.Builder, m corpus.Maker) {
		name := m.Hex(5)
		fmt.Fprintf(b, "#!/bin/sh\nset -eu\nfor f in build/%s/*.tar; do\n  echo \"$f\"\ndone\n",
			name)
		fmt.Fprintf(b, "TOKEN=$(pass show ci/%s)\nif [ -z \"${PASSWORD:-}\" ]; then\n", name)
		fmt.Fprintf(b, "  read -rs PASSWORD\nfi\ncurl -fsS -H \"Authorization: Bearer $TOKEN\" ")
		fmt.Fprintf(b, "https://example.com/v1/%s | jq -r '.items[].key' >\"out/%s\"\n", name, name)
		fmt.Fprintf(b, "docker login -u ci --password-stdin registry.example.com "+
			"<<<\"$PASSWORD\"\n")
	},
	"logs": func(b *strings.Builder, m corpus.Maker) {
		fmt.Fprintf(b, "2026-05-20T10:%02d:%02d.%03dZ INFO request_id=%s method=GET ", m.IntN(60),
			m.IntN(60), m.IntN(1000), m.Hex(16))
		fmt.Fprintf(b, "path=/v1/items/%s status=200 took=%dms tokens=%d session=active\n",
			m.Hex(8),
			m.IntN(900), m.IntN(9000))
		fmt.Fprintf(b, "10.0.%d.%d - - \"POST /oauth/token\" 401 %d \"curl/8.5.0\"\n",
			m.IntN(255), m.IntN(255), m.IntN(5000))
		fmt.Fprintf(b, "WARN auth: password authentication failed for user %q from 10.0.%d.%d\n",
			m.Hex(4), m.IntN(255), m.IntN(255))
	},
}

// written returns so many bytes of what a writer writes.
func written(write func(*strings.Builder, corpus.Maker), seed uint64, bytes int) string {
	var b strings.Builder
	for m := corpus.NewMaker(seed); b.Len() < bytes; {
		write(&b, m)
	}
	return b.String()[:bytes]
}
