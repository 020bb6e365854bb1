// Package dashmskiam logs in to Amazon MSK by IAM. It provides callback.Config.SASLToken with the
// tokens that MSK accepts with OAUTHBEARER, signed by AWS's own signer.
//
//	cfg.SecurityProtocol = callback.ProtocolSASLSSL
//	cfg.SASLMechanism = callback.MechanismOAuthBearer
//	cfg.SASLToken = dashmskiam.Token("eu-central-1")
//
// The role needs kafka-cluster:Connect and kafka-cluster:WriteDataIdempotently on the cluster, and
// kafka-cluster:DescribeTopic and kafka-cluster:WriteData on the topic. The package is a module of
// its own, because only some users need AWS's SDK; it imports nothing of DashStream.
package dashmskiam

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-msk-iam-sasl-signer-go/signer"
	"github.com/aws/aws-sdk-go-v2/aws"
)

// Token returns a source of tokens for clusters in region, signed with the credentials of AWS's
// default chain: environment, shared files, web identity (IRSA), container or instance role. They
// are looked up again for each token, which is valid for 15 minutes. The source is safe for
// concurrent use.
func Token(region string) func(context.Context) (token string, expires time.Time, err error) {
	return source(func(ctx context.Context) (string, int64, error) {
		return signer.GenerateAuthToken(ctx, region)
	})
}

// TokenOf is Token with credentials from a provider, such as one that assumes another role. The
// provider should cache its credentials, because it is called for each token.
func TokenOf(
	region string, provider aws.CredentialsProvider,
) func(context.Context) (token string, expires time.Time, err error) {
	return source(func(ctx context.Context) (string, int64, error) {
		return signer.GenerateAuthTokenFromCredentialsProvider(ctx, region, provider)
	})
}

func source(
	sign func(context.Context) (string, int64, error),
) func(context.Context) (string, time.Time, error) {
	return func(ctx context.Context) (string, time.Time, error) {
		token, milliseconds, err := sign(ctx)
		if err != nil {
			return "", time.Time{}, fmt.Errorf("dashmskiam: %w", err)
		}
		return token, time.UnixMilli(milliseconds), nil
	}
}
