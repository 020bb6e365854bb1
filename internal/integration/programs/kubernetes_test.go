package programs

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// manifest reads the Deployment. A field that the API does not know is an error.
func manifest(t *testing.T) (*appsv1.Deployment, *corev1.Container) {
	t.Helper()
	text, err := os.ReadFile("../../../examples/kubernetes/deployment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var d appsv1.Deployment
	if err := yaml.UnmarshalStrict(text, &d); err != nil {
		t.Fatal(err)
	}
	if d.APIVersion != "apps/v1" || d.Kind != "Deployment" ||
		len(d.Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("%s %s with %d containers", d.APIVersion, d.Kind,
			len(d.Spec.Template.Spec.Containers))
	}
	return &d, &d.Spec.Template.Spec.Containers[0]
}

func TestAFieldThatTheAPIDoesNotHaveIsFound(t *testing.T) {
	text := "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {gracePeriod: 1}}}\n"
	var d appsv1.Deployment
	if err := yaml.UnmarshalStrict([]byte(text), &d); err == nil {
		t.Error("gracePeriod is taken for a field of a pod")
	}
}

// The client understands the environment of the pods.
func TestTheManifestConfiguresAClient(t *testing.T) {
	d, c := manifest(t)
	ca := certificate(t)
	known := map[string]bool{"GOMEMLIMIT": true}
	for _, s := range callback.Settings() {
		known[s.Env] = true
	}
	for _, e := range c.Env {
		if !known[e.Name] {
			t.Errorf("%s is no setting", e.Name)
		}
		value := e.Value
		switch {
		case e.ValueFrom == nil:
		case e.ValueFrom.FieldRef != nil && e.ValueFrom.FieldRef.FieldPath == "metadata.name":
			value = "example-6d4b75cb6d-hwf8p"
		case e.ValueFrom.ResourceFieldRef != nil:
			continue // set by the kubelet, for the Go runtime
		case e.ValueFrom.SecretKeyRef != nil:
			value = "secret"
		default:
			t.Errorf("%s: where it comes from is not known", e.Name)
		}
		if strings.HasPrefix(value, "/") {
			value = mounted(t, d, c, value, ca)
		}
		t.Setenv(e.Name, value)
	}
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if cfg.InstanceID != "example-6d4b75cb6d-hwf8p" {
		t.Errorf("the instance id is %q, want the pod's name", cfg.InstanceID)
	}
	if limit := c.Resources.Limits.Memory().Value(); cfg.QueueBytes+cfg.StateBytes > limit/2 {
		t.Errorf("queue and states may take %d bytes of %d", cfg.QueueBytes+cfg.StateBytes, limit)
	}
	checkGrace(t, d, c, cfg.ShutdownTimeout)
}

// mounted returns file in place of a path, which must be in an existing mounted volume.
func mounted(t *testing.T, d *appsv1.Deployment, c *corev1.Container, path, file string) string {
	t.Helper()
	for _, m := range c.VolumeMounts {
		if filepath.Dir(path) != m.MountPath {
			continue
		}
		for _, v := range d.Spec.Template.Spec.Volumes {
			if v.Name == m.Name {
				return file
			}
		}
	}
	t.Errorf("%s is in no volume", path)
	return path
}

// checkGrace checks that a pod has time for everything that happens at its end.
func checkGrace(t *testing.T, d *appsv1.Deployment, c *corev1.Container, client time.Duration) {
	t.Helper()
	const server = 20 * time.Second // as the example of an HTTP server gives it
	stop := time.Duration(c.Lifecycle.PreStop.Sleep.Seconds) * time.Second
	var unready time.Duration // until an unresponsive pod is removed from its load balancers
	if p := c.ReadinessProbe; p != nil {
		unready = time.Duration(p.PeriodSeconds) * time.Second
	}
	if stop < unready {
		t.Errorf("preStop takes %v, want at least a period of the readiness probe, %v", stop,
			unready)
	}
	grace := time.Duration(*d.Spec.Template.Spec.TerminationGracePeriodSeconds) * time.Second
	if need := stop + server + client; grace < need+5*time.Second {
		t.Errorf("the grace period is %v, want 5 s more than %v for preStop, server and client",
			grace, need)
	}
}

// The probes use a path that responds even without Kafka.
func TestTheManifestsProbesAreAnswered(t *testing.T) {
	_, c := manifest(t)
	client := callbacktest.NewRecorder().Client(t)
	mux := http.NewServeMux()
	mux.Handle("/dashstream/", selfmetrics.Handler(client))
	for name, probe := range map[string]*corev1.Probe{
		"startup": c.StartupProbe, "readiness": c.ReadinessProbe, "liveness": c.LivenessProbe,
	} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Port.StrVal != c.Ports[0].Name {
			t.Errorf("%s: want a probe of port %s by HTTP", name, c.Ports[0].Name)
			continue
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, probe.HTTPGet.Path, nil))
		if w.Code != http.StatusOK || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %s gives %d, %.80s", name, probe.HTTPGet.Path, w.Code, w.Body)
		}
	}
}

// certificate returns a PEM file with a certificate.
func certificate(t *testing.T) string {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	file := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
