import assert from "node:assert/strict";
import { trustPolicy } from "../../model/roles/oidc-trust.ts";
import { oidcProviderExact, oidcTrustExact } from "../../policy/oidc-trust.ts";
import { assertRefused, assertRemarks, changed, judge, type Resource, refusesEach, unknownValue } from "./harness.ts";
import { issuer, like, only, providerArn, repository, role, statement, trust, withDocument } from "./oidc-fixture.ts";

describe("policy oidc-trust-exact, principals and statements", () => {
  refusesEach(oidcTrustExact, role(trust), [
    {
      title: "another provider",
      change: statement(["Principal"], { Federated: "arn:aws:iam::123456789012:oidc-provider/evil.example" }),
      says: /identity provider "arn/,
    },
    {
      title: "a provider that only begins alike",
      change: statement(["Principal"], { Federated: `${providerArn}.evil.example` }),
      says: /identity provider/,
    },
    {
      title: "a second provider",
      change: statement(["Principal"], { Federated: [providerArn, "cognito-identity.amazonaws.com"] }),
      says: /"cognito-identity/,
    },
    { title: "anybody", change: statement(["Principal"], "*"), says: /trusts "\*"/ },
    {
      title: "anybody of AWS beside the provider",
      change: statement(["Principal"], { Federated: providerArn, AWS: "*" }),
      says: /trusts AWS "\*"/,
    },
    {
      title: "another account",
      change: statement(["Principal"], { AWS: ["arn:aws:iam::999999999999:root"] }),
      says: /trusts AWS/,
    },
    { title: "any service", change: statement(["Principal"], { Service: "*" }), says: /trusts Service "\*"/ },
    {
      title: "principals that are no text",
      change: statement(["Principal"], { Federated: [] }),
      says: /name one principal/,
    },
    {
      title: "everybody but one",
      change: withDocument(
        changed(changed(trust, ["Statement", 0, "Principal"], undefined), ["Statement", 0, "NotPrincipal"], {
          AWS: "x",
        }),
      ),
      says: /has "NotPrincipal"/,
    },
    { title: "all actions but one", change: statement(["NotAction"], "iam:*"), says: /has "NotAction"/ },
    { title: "any STS action", change: statement(["Action"], "sts:*"), says: /action "sts:\*"/ },
    {
      title: "another action beside the right one",
      change: statement(["Action"], ["sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"]),
      says: /action "sts:AssumeRole"/,
    },
    {
      title: "a second, open statement",
      change: withDocument({ ...trust, Statement: [...trust.Statement, { ...trust.Statement[0], Condition: {} }] }),
      says: /Statement\[1\]\.Condition sub is not checked/,
    },
    { title: "an effect in another case", change: statement(["Effect"], "allow"), says: /has no Effect/ },
    { title: "no statement", change: withDocument({ ...trust, Statement: [] }), says: /has no statement/ },
    { title: "a document that is no JSON", change: { assumeRolePolicy: "{" }, says: /is not valid JSON/ },
    { title: "no document", change: { assumeRolePolicy: undefined }, says: /is missing/ },
    {
      title: "a condition given twice, of which readers may take either",
      change: { assumeRolePolicy: JSON.stringify(trust).replace('"Condition":{', '"Condition":{},"Condition":{') },
      says: /has a key twice/,
    },
  ]);

  it("passes one statement that is no list, claims in another case, and services", () => {
    assert.deepEqual(judge(oidcTrustExact, role({ ...trust, Statement: only })), []);
    assert.deepEqual(judge(oidcTrustExact, role(JSON.stringify(trust).replaceAll(":sub", ":SUB"))), []);
    const tasks = { Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" };
    assert.deepEqual(judge(oidcTrustExact, role({ Statement: [tasks] })), []);
    assert.deepEqual(judge(oidcTrustExact, { ...role(trust), props: { assumeRolePolicy: trust } }), []);
  });

  it("lets the pack's config, and no name that the program gives, open wildcards and pull requests", () => {
    const wild = { ...role(trust, "deploy-preview"), props: like("repo:acme/shop:environment:preview-*") };
    const config = { environments: { foundation: { wildcardRoles: ["*-preview"], pullRequestRoles: ["*-plan"] } } };
    assert.deepEqual(judge(oidcTrustExact, { ...wild, stack: "foundation" }, config), []);
    assertRefused(
      judge(oidcTrustExact, { ...wild, stack: "foundation", name: "deploy-prod" }, config),
      /has a wildcard/,
    );
    assertRefused(judge(oidcTrustExact, { ...wild, stack: "prod" }, config), /has a wildcard/);
    const plan = {
      ...role(trustPolicy({ ...repository, subjects: [{ pullRequest: true }] }), "github-plan"),
      stack: "foundation",
    };
    assert.deepEqual(judge(oidcTrustExact, plan, config), []);
    assertRefused(judge(oidcTrustExact, { ...plan, name: "github-push" }, config), /pull requests/);
  });

  it("remarks where only the update knows the document, or a part of it", () => {
    const waiting = (assumeRolePolicy: unknown) => ({ ...role(trust), props: { assumeRolePolicy } });
    assertRemarks(judge(oidcTrustExact, waiting(unknownValue)), /^deploy-prod: assumeRolePolicy is not known/);
    const partly = changed(trust, ["Statement", 0, "Principal", "Federated"], unknownValue);
    assertRemarks(judge(oidcTrustExact, waiting(partly)), /assumeRolePolicy is not known/);
  });
});

describe("policy oidc-provider-exact", () => {
  const provider: Resource = {
    type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    props: { url: `https://${issuer}`, clientIdLists: ["sts.amazonaws.com"] },
  };
  refusesEach(oidcProviderExact, provider, [
    { title: "another issuer", change: { url: "https://evil.example" }, says: /url is "https:\/\/evil\.example"/ },
    { title: "the issuer without TLS", change: { url: `http://${issuer}` }, says: /url is/ },
    { title: "another audience", change: { clientIdLists: ["sts.amazonaws.com", "x"] }, says: /clientIdLists is/ },
    { title: "no audience", change: { clientIdLists: [] }, says: /clientIdLists is/ },
  ]);
});
