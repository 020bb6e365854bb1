package kafkatest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// layout is the layout of a cluster's directory:
//
//	cluster.json                 the spec; written last, so that its presence says that the
//	                             rest is complete
//	tls/                         certificates and keys, those of tokens included
//	broker-N/server.properties   a broker's configuration; its path is the last argument of
//	                             the broker's process
//	broker-N/pid                 process id of the broker that was started last, in decimal
//	broker-N/log                 what the broker prints; grows with every start
//	broker-N/data                topics
type layout struct{ dir string }

func (l layout) specFile() string       { return filepath.Join(l.dir, "cluster.json") }
func (l layout) tlsDir() string         { return filepath.Join(l.dir, "tls") }
func (l layout) brokerKeystore() string { return filepath.Join(l.tlsDir(), "broker.pem") }
func (l layout) broker(id int) string {
	return filepath.Join(l.dir, "broker-"+strconv.Itoa(id))
}
func (l layout) propertiesFile(n int) string {
	return filepath.Join(l.broker(n), "server.properties")
}
func (l layout) pidFile(id int) string { return filepath.Join(l.broker(id), "pid") }
func (l layout) logFile(id int) string { return filepath.Join(l.broker(id), "log") }
func (l layout) data(id int) string    { return filepath.Join(l.broker(id), "data") }
func (l layout) scratch(id int) string { return filepath.Join(l.broker(id), "tmp") }

// spec is what never changes in a cluster.
type spec struct {
	Kafka     string `json:"kafka"` // version
	ClusterID string `json:"cluster_id"`
	Brokers   int    `json:"brokers"`
	BasePort  int    `json:"base_port"`
}

// newLayout creates dir if it does not exist. It makes the path absolute and free of links, so that
// all spellings of it lead to the same processes.
func newLayout(dir string) (layout, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return layout{}, fmt.Errorf("kafkatest: %w", err)
	}
	return findLayout(dir)
}

func findLayout(dir string) (layout, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return layout{}, fmt.Errorf("kafkatest: %w", err)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return layout{}, fmt.Errorf("kafkatest: no cluster in %s: %w", dir, err)
	}
	if strings.ContainsRune(abs, ',') {
		return layout{},
			fmt.Errorf("kafkatest: %s: Kafka takes a comma in a path for the end of it", abs)
	}
	return layout{abs}, nil
}

// readSpec returns an error that is fs.ErrNotExist if there is no cluster in the directory.
func (l layout) readSpec() (spec, error) {
	var s spec
	text, err := os.ReadFile(l.specFile())
	if err != nil {
		return s, fmt.Errorf("kafkatest: no cluster in %s: %w", l.dir, err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("kafkatest: %s: %w", l.specFile(), err)
	}
	if s.Kafka != Version {
		return s,
			fmt.Errorf("kafkatest: %s is a cluster of Kafka %s, this is %s: use a new directory",
				l.dir, s.Kafka, Version)
	}
	if s.Brokers != 1 && s.Brokers != 3 {
		return s, fmt.Errorf("kafkatest: %s: %d brokers", l.specFile(), s.Brokers)
	}
	return s, nil
}

// empty returns an error if the directory has something in it.
func (l layout) empty() error {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("kafkatest: %s is not empty and holds no cluster: use a new directory",
			l.dir)
	}
	return nil
}

// create creates a cluster in an empty directory. If that fails, the directory is left as it was.
func (l layout) create(ctx context.Context, s spec, in installation) (err error) {
	if err := os.Mkdir(l.tlsDir(), 0o700); err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	// Whoever has created the first directory owns the rest, so nothing of others is removed.
	defer func() {
		if err != nil {
			err = errors.Join(err, l.clear())
		}
	}()
	if err := errors.Join(writeCertificates(l), writeTokenKey(l)); err != nil {
		return err
	}
	for id := 1; id <= s.Brokers; id++ {
		if err := os.MkdirAll(l.scratch(id), 0o755); err != nil {
			return fmt.Errorf("kafkatest: %w", err)
		}
		if err := os.WriteFile(l.propertiesFile(id), serverProperties(l, s, id),
			0o600); err != nil {
			return fmt.Errorf("kafkatest: %w", err)
		}
	}
	if err := l.formatAll(ctx, s, in); err != nil {
		return err
	}
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	if err := replaceFile(l.specFile(), append(text, '\n')); err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	return nil
}

// clear removes what create creates, and nothing else.
func (l layout) clear() error {
	errs := []error{os.RemoveAll(l.specFile()), os.RemoveAll(l.tlsDir())}
	for id := 1; id <= 3; id++ {
		errs = append(errs, os.RemoveAll(l.broker(id)))
	}
	return errors.Join(errs...)
}

// formatAll formats the brokers' data, including the user's SCRAM credentials. Each takes a start
// of the JVM, so they run in parallel.
func (l layout) formatAll(ctx context.Context, s spec, in installation) error {
	errs := make([]error, s.Brokers)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = l.format(ctx, s, in, i+1) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (l layout) format(ctx context.Context, s spec, in installation, id int) error {
	credentials := fmt.Sprintf("[name=%s,password=%s]", user, password)
	cmd := exec.CommandContext(ctx, in.java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
		"-XX:-UsePerfData",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", filepath.Join(in.libs, "*"),
		"kafka.tools.StorageTool", "format", "-t", s.ClusterID, "-c", l.propertiesFile(id),
		"--add-scram", "SCRAM-SHA-256="+credentials, "--add-scram", "SCRAM-SHA-512="+credentials)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("kafkatest: formatting the data of broker %d: %w\n%s", id, err,
			lastLines(out))
	}
	return nil
}

// newClusterID returns a random id in Kafka's form: 22 characters of URL-safe base64. The first one
// is not a dash, which the command line would take for an option.
func newClusterID() string {
	for {
		var id [16]byte
		_, _ = rand.Read(id[:])
		if text := base64.RawURLEncoding.EncodeToString(id[:]); text[0] != '-' {
			return text
		}
	}
}

// replaceFile writes a file so that readers see it complete or not at all.
func replaceFile(path string, text []byte) error {
	partial := path + ".partial"
	if err := os.WriteFile(partial, text, 0o644); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// readPID returns 0 if the broker was never started.
func (l layout) readPID(id int) (int, error) {
	text, err := os.ReadFile(l.pidFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("kafkatest: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf("kafkatest: %s holds no process id: %q", l.pidFile(id), text)
	}
	return pid, nil
}

// logTail returns the last lines of a broker's log for an error. It omits the stack frames of
// exceptions, but not their causes.
func (l layout) logTail(id int) string {
	f, err := os.Open(l.logFile(id))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = f.Close() }()
	const tail = 64 << 10
	if info, err := f.Stat(); err == nil && info.Size() > tail {
		_, _ = f.Seek(-tail, io.SeekEnd)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return lastLines(stackFrame.ReplaceAll(text, nil))
}

var stackFrame = regexp.MustCompile(`(?m)^\s+(at |\.\.\. \d+ more).*\n?`)

// lastLines shortens a program's output for an error.
func lastLines(output []byte) string {
	const most = 20
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-most):], []byte("\n")))
}
