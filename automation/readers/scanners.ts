/** Readers of what linters, scanners and audits find, in the order in which help names them. */
import { actionlint } from "./actionlint.ts";
import { bandit } from "./bandit.ts";
import { cargoAudit } from "./cargo-audit.ts";
import { eslint } from "./eslint.ts";
import { gitleaks } from "./gitleaks.ts";
import { golangciLint } from "./golangci-lint.ts";
import { govulncheck } from "./govulncheck.ts";
import { grype } from "./grype.ts";
import { npmAudit } from "./npm-audit.ts";
import { pipAudit } from "./pip-audit.ts";
import { sarif } from "./sarif.ts";
import { trivy } from "./trivy.ts";
import { zap } from "./zap.ts";

/** SARIF first: most of them write it, too. */
export const scanners = [
  sarif,
  eslint,
  golangciLint,
  actionlint,
  bandit,
  gitleaks,
  npmAudit,
  cargoAudit,
  govulncheck,
  pipAudit,
  trivy,
  grype,
  zap,
] as const;
