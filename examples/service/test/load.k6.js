// A short load on the service, for k6. URL is its address.
import { check } from "k6";
import http from "k6/http";

export const options = { vus: 2, duration: "3s" };

export default function load() {
  const { status } = http.get(`${__ENV.URL.replace(/\/$/, "")}/version`);
  check(status, { "it answers": (one) => one === 200 });
}
