//go:build tools

package tools

import _ "github.com/securego/gosec/v2/cmd/gosec"
