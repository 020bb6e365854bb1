package observability

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// parse reads a YAML file into v, and rejects unknown fields.
func parse(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if err := decoder.Decode(new(any)); err != io.EOF {
		t.Errorf("%s has more than one document", file)
	}
}

type service struct {
	Image       string            `yaml:"image"`
	Command     []string          `yaml:"command"`
	WorkingDir  string            `yaml:"working_dir"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
	Ports       []string          `yaml:"ports"`
	DependsOn   []string          `yaml:"depends_on"`
	Restart     string            `yaml:"restart"`
}

type compose struct {
	Name     string             `yaml:"name"`
	Services map[string]service `yaml:"services"`
	Volumes  map[string]any     `yaml:"volumes"`
}

type prometheusConfig struct {
	Global struct {
		ScrapeInterval     string `yaml:"scrape_interval"`
		EvaluationInterval string `yaml:"evaluation_interval"`
	} `yaml:"global"`
	RuleFiles     []string `yaml:"rule_files"`
	ScrapeConfigs []struct {
		JobName       string `yaml:"job_name"`
		FileSDConfigs []struct {
			Files []string `yaml:"files"`
		} `yaml:"file_sd_configs"`
	} `yaml:"scrape_configs"`
}

type targets []struct {
	Targets []string `yaml:"targets"`
}

func read(t *testing.T) (c compose) {
	t.Helper()
	parse(t, "compose.yaml", &c)
	return c
}

// inside returns the file of this machine that a path inside a service's container is mounted from.
func (s *service) inside(file string) (host string, ok bool) {
	longest := -1
	for _, volume := range s.Volumes {
		part := strings.Split(volume, ":")
		if rest, in := strings.CutPrefix(file, part[1]); in && (rest == "" || rest[0] == '/') &&
			len(part[1]) > longest {
			host, ok, longest = filepath.FromSlash(part[0]+rest), true, len(part[1])
		}
	}
	return host, ok
}

func TestWhatIsMountedExistsAndStaysAsItIs(t *testing.T) {
	c := read(t)
	for name, s := range c.Services {
		for _, volume := range s.Volumes {
			part := strings.Split(volume, ":")
			if !strings.HasPrefix(part[0], ".") {
				if _, ok := c.Volumes[part[0]]; !ok {
					t.Errorf("%s uses a volume %s that is not declared", name, part[0])
				}
				continue
			}
			if _, err := os.Stat(part[0]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(part) != 3 || part[2] != "ro" {
				t.Errorf("%s mounts %s for writing", name, volume)
			}
		}
	}
}

func TestServicesAreNamedAndReachedByThisMachineAlone(t *testing.T) {
	c := read(t)
	taken := map[string]bool{}
	for name, s := range c.Services {
		for _, other := range s.DependsOn {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is no service", name, other)
			}
		}
		for _, port := range s.Ports {
			if !regexp.MustCompile(`^127\.0\.0\.1:\d+:\d+$`).MatchString(port) || taken[port] {
				t.Errorf("%s has the port %s", name, port)
			}
			taken[port] = true
		}
		if _, tag, _ := strings.Cut(s.Image, ":"); tag == "" || tag == "latest" {
			t.Errorf("%s has the image %q without a version", name, s.Image)
		}
	}
	kafka := c.Services["kafka"].Environment
	if brokers := c.Services["producer"].Environment["KAFKA_BROKERS"]; !strings.Contains(
		kafka["KAFKA_ADVERTISED_LISTENERS"], "PLAINTEXT://"+brokers+",") {
		t.Errorf("the producer connects to %s, Kafka says %s", brokers,
			kafka["KAFKA_ADVERTISED_LISTENERS"])
	}
}

func TestPrometheusFindsRulesAndTargetsInAndOutOfItsContainer(t *testing.T) {
	var config prometheusConfig
	parse(t, "prometheus.yml", &config)
	if config.Global.ScrapeInterval != "15s" || config.Global.EvaluationInterval != "15s" {
		t.Errorf("the intervals are %+v", config.Global)
	}
	prometheus := read(t).Services["prometheus"]
	i := slices.IndexFunc(prometheus.Command, func(s string) bool {
		return strings.HasPrefix(s, "--config.file=")
	})
	inContainer := strings.TrimPrefix(prometheus.Command[i], "--config.file=")
	if host, ok := prometheus.inside(inContainer); !ok || filepath.Clean(host) != "prometheus.yml" {
		t.Fatalf("%s is %q in the container", inContainer, host)
	}
	files := slices.Concat(config.RuleFiles, config.ScrapeConfigs[0].FileSDConfigs[0].Files)
	for _, file := range files {
		host, ok := prometheus.inside(path.Join(path.Dir(inContainer), file))
		for _, name := range []string{file, host} {
			if text, err := os.ReadFile(name); err != nil || len(text) == 0 || !ok {
				t.Errorf("%s, mounted: %t, is not there: %v", name, ok, err)
			}
		}
	}
	var outside, within targets
	parse(t, "targets.yaml", &outside)
	parse(t, "targets-compose.yaml", &within)
	if host, _ := prometheus.inside(path.Join(path.Dir(inContainer),
		"targets.yaml")); filepath.Clean(host) != "targets-compose.yaml" {
		t.Errorf("the targets in the container are those of %s", host)
	}
	address := within[0].Targets[0]
	name, port, _ := strings.Cut(address, ":")
	producer, ok := read(t).Services[name]
	if !ok || !slices.Contains(producer.Command, "--metrics-addr=:"+port) ||
		outside[0].Targets[0] != "localhost:"+port {
		t.Errorf("the producer is scraped at %s and %s, and runs %v", address,
			outside[0].Targets[0], producer.Command)
	}
}

type dataSources struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name      string         `yaml:"name"`
		UID       string         `yaml:"uid"`
		Type      string         `yaml:"type"`
		Access    string         `yaml:"access"`
		URL       string         `yaml:"url"`
		IsDefault bool           `yaml:"isDefault"`
		JSONData  map[string]any `yaml:"jsonData"`
	} `yaml:"datasources"`
}

type dashboardProviders struct {
	APIVersion int `yaml:"apiVersion"`
	Providers  []struct {
		Name           string            `yaml:"name"`
		Type           string            `yaml:"type"`
		AllowUIUpdates bool              `yaml:"allowUiUpdates"`
		Options        map[string]string `yaml:"options"`
	} `yaml:"providers"`
}

func TestGrafanaIsProvisionedWithTheDashboard(t *testing.T) {
	var sources dataSources
	parse(t, "grafana/datasources/prometheus.yaml", &sources)
	var providers dashboardProviders
	parse(t, "grafana/dashboards/dashstream.yaml", &providers)
	grafana := read(t).Services["grafana"]
	if host, ok := grafana.inside("/etc/grafana/provisioning/dashboards/dashstream.yaml"); !ok ||
		filepath.Clean(host) != filepath.FromSlash("grafana/dashboards/dashstream.yaml") {
		t.Errorf("the provisioning files are those of %s", host)
	}
	expand := func(s string) string {
		return os.Expand(s, func(name string) string { return grafana.Environment[name] })
	}
	if url := expand(sources.Datasources[0].URL); sources.APIVersion != 1 ||
		sources.Datasources[0].Type != "prometheus" || url != "http://prometheus:9090" {
		t.Errorf("the data source is %+v, at %s", sources, url)
	}
	for _, folder := range []string{expand(providers.Providers[0].Options["path"]),
		path.Dir(grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])} {
		host, ok := grafana.inside(folder + "/dashboard.json")
		if _, err := os.Stat(host); !ok || err != nil {
			t.Errorf("the folder %s has no dashboard: %v", folder, err)
		}
	}
}

func TestPromtoolAcceptsTheConfiguration(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool: install the package prometheus")
	}
	if out, err := exec.Command(promtool, "check", "config", "prometheus.yml").
		CombinedOutput(); err != nil || !bytes.Contains(out, []byte("10 rules found")) {
		t.Errorf("%v\n%s", err, out)
	}
}
