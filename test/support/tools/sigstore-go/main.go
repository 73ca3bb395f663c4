// Verifies one bundle with sigstore's own library, the one that cosign verifies with: its example command cannot verify what a
// key signed and no log saw.
package main

import (
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
)

var (
	keyFile  = flag.String("key", "", "public key, PEM")
	rootFile = flag.String("root", "", "trusted_root.json")
	issuer   = flag.String("issuer", "", "OIDC issuer in the certificate")
	identity = flag.String("identity", "", "identity in the certificate")
	digest   = flag.String("digest", "", "SHA-256 that the statement is about, hex")
)

func main() {
	flag.Parse()
	if err := check(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("verified")
}

func check(file string) error {
	entity, err := bundle.LoadJSONFromPath(file)
	if err != nil {
		return err
	}
	if !entity.MinVersion("0.3") {
		return errors.New("the bundle is of an older version")
	}
	about, err := hex.DecodeString(*digest)
	if err != nil {
		return err
	}
	by, material, rules, err := whom()
	if err != nil {
		return err
	}
	verifier, err := verify.NewVerifier(material, rules...)
	if err != nil {
		return err
	}
	_, err = verifier.Verify(entity, verify.NewPolicy(verify.WithArtifactDigest("sha256", about), by))
	return err
}

func whom() (verify.PolicyOption, root.TrustedMaterial, []verify.VerifierOption, error) {
	if *keyFile != "" {
		material, err := keyMaterial(*keyFile)
		return verify.WithKey(), material, []verify.VerifierOption{verify.WithNoObserverTimestamps()}, err
	}
	material, err := root.NewTrustedRootFromPath(*rootFile)
	if err != nil {
		return nil, nil, nil, err
	}
	named, err := verify.NewShortCertificateIdentity(*issuer, "", *identity, "")
	rules := []verify.VerifierOption{
		verify.WithSignedCertificateTimestamps(1), verify.WithTransparencyLog(1), verify.WithIntegratedTimestamps(1),
	}
	return verify.WithCertificateIdentity(named), material, rules, err
}

type lasting struct{ signature.Verifier }

func (lasting) ValidAtTime(time.Time) bool { return true }

func keyMaterial(file string) (root.TrustedMaterial, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM in " + file)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	verifier, err := signature.LoadVerifier(key, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
		return lasting{verifier}, nil
	}), nil
}
