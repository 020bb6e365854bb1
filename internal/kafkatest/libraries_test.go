package kafkatest

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestJavaMajor(t *testing.T) {
	for output, want := range map[string]int{
		"openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime":                    17,
		"openjdk version \"21\" 2023-09-19":                                          21,
		"openjdk version \"25-ea\" 2025-09-16":                                       25,
		"java version \"1.8.0_402\"":                                                 8,
		"Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"11.0.2\" 2019-01-15": 11,
		"bash: java: not this one":                                                   0,
		"":                                                                           0,
	} {
		if got := javaMajor(output); got != want {
			t.Errorf("%q: %d, want %d", output, got, want)
		}
	}
}

func TestPomNamesTheVersion(t *testing.T) {
	if !strings.Contains(string(pom), "<artifactId>kafka_2.13</artifactId>\n      <version>"+
		Version+"<") {
		t.Errorf("pom.xml fetches another version than %s", Version)
	}
}

func TestAvailableSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name    string
		cached  bool
		without string
		version string
		home    string
		want    string
	}{
		{name: "everything", cached: true},
		{name: "Maven and no libraries"},
		{name: "libraries and no Maven", cached: true, without: "mvn"},
		{name: "neither", without: "mvn", want: "no mvn"},
		{name: "no Java", cached: true, without: "java", want: "no java"},
		{name: "old Java", cached: true, version: "1.8.0_402", want: "Java 8"},
		{name: "no version", cached: true, version: "unknown", want: "names no version"},
		{name: "JAVA_HOME without Java", cached: true, home: "/nowhere",
			want: "JAVA_HOME=/nowhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			libs := fakeTools(t, c.cached)
			bin, _, _ := strings.Cut(os.Getenv("PATH"), ":")
			t.Setenv("PATH", bin)
			t.Setenv(fakeVersion, c.version)
			t.Setenv("JAVA_HOME", c.home)
			if c.without != "" {
				if err := os.Remove(filepath.Join(bin, c.without)); err != nil {
					t.Fatal(err)
				}
			}
			err := Available()
			if c.want == "" && err != nil {
				t.Error(err)
			}
			if c.want != "" {
				checkError(t, err, c.want)
			}
			if exists(libs) != c.cached {
				t.Error("asking has fetched the libraries")
			}
		})
	}
}

func TestLibrariesAreFetchedOnceAndWhole(t *testing.T) {
	libs := fakeTools(t, false)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := fetchLibraries(t.Context(), libs, t.Logf); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if !exists(filepath.Join(libs, "kafka_2.13-"+Version+".jar")) {
		t.Error("the broker's jar is missing")
	}
	checkOnly(t, libs)
	t.Setenv("PATH", t.TempDir())
	if err := fetchLibraries(t.Context(), libs, t.Logf); err != nil {
		t.Errorf("Maven is needed again: %v", err)
	}
}

func TestSecondFetchGivesWay(t *testing.T) {
	libs := fakeTools(t, false)
	t.Setenv(fakeBehavior, mavenLate)
	if err := fetchLibraries(t.Context(), libs, t.Logf); err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(libs, "from-the-other-process.jar")) {
		t.Error("the libraries that somebody may use already were replaced")
	}
	checkOnly(t, libs)
}

func TestFailedFetchLeavesNothing(t *testing.T) {
	libs := fakeTools(t, false)
	for behavior, want := range map[string]string{
		mavenFails: "no route to the repository",
		mavenEmpty: "there is no kafka_2.13",
	} {
		t.Run(behavior, func(t *testing.T) {
			t.Setenv(fakeBehavior, behavior)
			checkError(t, fetchLibraries(t.Context(), libs, t.Logf), want)
			checkOnly(t, libs)
		})
	}
}

// checkOnly fails the test if there is more in the cache than the libraries.
func checkOnly(t *testing.T, libs string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(libs))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(libs) {
			t.Errorf("%s is left in the cache", e.Name())
		}
	}
}
