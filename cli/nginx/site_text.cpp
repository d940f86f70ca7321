// The text of the configuration. Each number in it is explained in docs/operate/nginx.md.
#include <fmt/format.h>

#include "cli/nginx/site.h"

namespace lotmark::cli::nginx {

namespace {

constexpr std::size_t kBodyMax = 8 * 1024;  // where nothing is captured
constexpr std::size_t kMarksMax = 64 * 1024;

// What stands outside of the server: who is counted by what, and what is remembered of it.
std::string zones(const Site& s) {
  return fmt::format(
      "# One caller: an IPv4 address, or the /64 that a site has of IPv6.\n"
      "map $binary_remote_addr $lotmark_caller {{\n"
      "    default $binary_remote_addr;\n"
      "    \"~(?s)^(?<lotmark_network>.{{8}}).{{8}}$\" $lotmark_network;\n"
      "}}\n"
      "map $request_method $lotmark_poster {{\n"
      "    default \"\";\n"
      "    POST $lotmark_caller;\n"
      "}}\n"
      "limit_conn_zone $lotmark_caller zone=lotmark_connections:10m;\n"
      "limit_conn_zone $lotmark_poster zone=lotmark_captures:10m;\n"
      "limit_req_zone $lotmark_caller zone=lotmark_reads:10m rate={}r/s;\n"
      "limit_req_zone $lotmark_poster zone=lotmark_posts:10m rate={}r/s;\n\n"
      "# A body where none is asked for. Of /capture, /events and /v1/marks only a POST has one.\n"
      "map \"$request_method $http_content_length$http_transfer_encoding\" $lotmark_unasked {{\n"
      "    default 1;\n"
      "    \"~^POST \" 0;\n"
      "    \"~^[^ ]+ 0*$\" 0;\n"
      "}}\n"
      "# Sent where the API does not say so itself.\n"
      "map $upstream_http_x_content_type_options $lotmark_nosniff {{\n"
      "    default \"\";\n"
      "    \"\" nosniff;\n"
      "}}\n"
      "map $upstream_http_referrer_policy $lotmark_referrer {{\n"
      "    default \"\";\n"
      "    \"\" no-referrer;\n"
      "}}\n"
      "map $upstream_http_content_security_policy $lotmark_policy {{\n"
      "    default \"\";\n"
      "    \"\" \"default-src 'none'; frame-ancestors 'none'\";\n"
      "}}\n"
      "# Without the query, and of a Digital Link without its serial: who scanned which unit is "
      "kept nowhere.\n"
      "map $uri $lotmark_logged {{\n"
      "    default $uri;\n"
      "    \"~(?s)^(?<lotmark_before>.*?/21/)\" $lotmark_before*;\n"
      "}}\n"
      "log_format lotmark '$time_iso8601 $remote_addr $ssl_client_verify \"$request_method "
      "$lotmark_logged\" "
      "'\n"
      "                   '$status $request_length $bytes_sent $request_time $upstream_addr '\n"
      "                   '$upstream_response_time';\n",
      s.reads_per_second, s.captures_per_second);
}

std::string upstream(const Site& s) {
  std::string out = "upstream lotmark_api {\n    zone lotmark_api 128k;\n";
  if (s.upstreams.size() > 1) out += "    least_conn;\n";
  for (const auto& u : s.upstreams) {
    out += "    server " + u + " max_conns=512 max_fails=3 fail_timeout=5s;\n";
  }
  return out +
         "    keepalive 32;\n"
         "    keepalive_timeout 50s;  # below the 60 s after which the API closes\n"
         "}\n";
}

std::string tls(const Site& s) {
  std::string out = fmt::format(
      "    ssl_certificate {};\n"
      "    ssl_certificate_key {};\n"
      "    ssl_protocols TLSv1.2 TLSv1.3;\n"
      "    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
      "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
      "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;\n"
      "    ssl_prefer_server_ciphers off;\n"
      "    ssl_session_cache shared:lotmark_tls:10m;\n"
      "    ssl_session_timeout 1h;\n"
      "    ssl_session_tickets off;\n"
      "    ssl_stapling off;\n",
      s.certificate, s.key);
  if (s.client_ca.empty()) return out + "    ssl_verify_client off;\n";
  return out + fmt::format(
                   "    # Who shows a certificate must show a good one; who shows none is let in.\n"
                   "    ssl_client_certificate {};\n"
                   "    ssl_verify_client optional;\n"
                   "    ssl_verify_depth 2;\n",
                   s.client_ca);
}

std::string limits(const Site& s) {
  return fmt::format(
      "    client_max_body_size {};\n"
      "    client_body_buffer_size 64k;\n"
      "    client_header_buffer_size 1k;\n"
      "    large_client_header_buffers 4 10k;\n"
      "    client_header_timeout 10s;\n"
      "    client_body_timeout 10s;\n"
      "    send_timeout 30s;\n"
      "    keepalive_timeout 60s;\n"
      "    keepalive_requests 1000;\n"
      "    reset_timedout_connection on;\n"
      "    lingering_time 5s;\n"
      "    lingering_timeout 2s;\n"
      "    http2_max_concurrent_streams 32;\n"
      "    ignore_invalid_headers on;\n"
      "    underscores_in_headers off;\n"
      "    limit_conn_status 429;\n"
      "    limit_req_status 429;\n"
      "    limit_conn_log_level warn;\n"
      "    limit_req_log_level warn;\n"
      "    limit_conn lotmark_connections {};\n"
      "    limit_req zone=lotmark_reads burst={} nodelay;\n",
      kBodyMax, s.connections, 4 * s.reads_per_second);
}

// No location says proxy_set_header or add_header again: it would lose all of these.
constexpr std::string_view kProxy =
    "    # Each is set on every request, to nothing where there is nothing: a caller's own never "
    "pass.\n"
    "    proxy_set_header X-Lotmark-Client-Address $remote_addr;\n"
    "    proxy_set_header X-Lotmark-Client-Verify $ssl_client_verify;\n"
    "    proxy_set_header X-Lotmark-Client-DN $ssl_client_s_dn;\n"
    "    proxy_set_header X-Lotmark-Client-Certificate $ssl_client_escaped_cert;\n"
    "    proxy_set_header X-Lotmark-Client-Fingerprint \"\";\n"
    "    proxy_set_header X-Lotmark-Client-Region \"\";\n"
    "    proxy_set_header X-Forwarded-For $remote_addr;\n"
    "    proxy_set_header X-Forwarded-Proto $scheme;\n"
    "    proxy_set_header X-Real-IP \"\";\n"
    "    proxy_set_header Forwarded \"\";\n"
    "    proxy_set_header Host $host;\n"
    "    proxy_set_header Connection \"\";\n"
    "    proxy_http_version 1.1;\n"
    "    proxy_request_buffering on;\n"
    "    proxy_buffering on;\n"
    "    proxy_buffer_size 16k;\n"
    "    proxy_buffers 16 16k;\n"
    "    proxy_busy_buffers_size 64k;\n"
    "    proxy_max_temp_file_size 64m;\n"
    "    proxy_connect_timeout 2s;\n"
    "    proxy_send_timeout 15s;\n"
    "    proxy_read_timeout 60s;\n"
    "    proxy_redirect off;\n"
    "    # Another process is asked where one failed, but a POST that was sent is not sent again.\n"
    "    proxy_next_upstream error timeout;\n"
    "    proxy_next_upstream_tries 2;\n"
    "    proxy_next_upstream_timeout 5s;\n"
    "\n"
    "    add_header Strict-Transport-Security \"max-age=31536000\" always;\n"
    "    add_header X-Content-Type-Options $lotmark_nosniff always;\n"
    "    add_header Referrer-Policy $lotmark_referrer always;\n"
    "    add_header Content-Security-Policy $lotmark_policy always;\n"
    "\n"
    "    gzip on;\n"
    "    gzip_proxied any;\n"
    "    gzip_vary on;\n"
    "    gzip_min_length 1024;\n"
    "    gzip_comp_level 4;\n"
    "    gzip_types application/json application/ld+json application/problem+json "
    "application/manifest+json\n"
    "        application/xml application/javascript text/javascript text/css text/plain "
    "image/svg+xml;\n";

// Where callers bring what they have: of each so many at a time and a second.
std::string posted(const Site& s, const char* path, std::size_t body_max) {
  return fmt::format(
      "    location = {} {{\n"
      "        if ($lotmark_unasked) {{\n"
      "            return 413;\n"
      "        }}\n"
      "        client_max_body_size {};\n"
      "        limit_conn lotmark_connections {};\n"
      "        limit_conn lotmark_captures {};\n"
      "        limit_req zone=lotmark_reads burst={} nodelay;\n"
      "        limit_req zone=lotmark_posts burst={} nodelay;\n"
      "        proxy_pass http://lotmark_api;\n"
      "    }}\n",
      path, body_max, s.connections, s.capture_connections, 4 * s.reads_per_second,
      4 * s.captures_per_second);
}

std::string locations(const Site& s) {
  std::string out =
      "    location / {\n"
      "        proxy_pass http://lotmark_api;\n"
      "    }\n"
      "    # For the site's own monitoring, at the API itself.\n"
      "    location = /metrics {\n"
      "        return 404;\n"
      "    }\n";
  if (s.capture_bytes != 0) {
    out +=
        "    location /queries {\n"
        "        client_max_body_size 128k;\n"
        "        proxy_pass http://lotmark_api;\n"
        "    }\n";
    for (const char* path : {"/capture", "/events"}) out += posted(s, path, s.capture_bytes);
  }
  if (s.takes_marks) out += posted(s, "/v1/marks", kMarksMax);
  return out;
}

std::string listening(const Site& s) {
  std::string out;
  for (const auto& l : s.listen) {
    out += "    listen " + l + " ssl http2;\n";
    if (l.find(':') == std::string::npos) out += "    listen [::]:" + l + " ssl http2;\n";
  }
  return out + "    server_name " + s.server_name + ";\n";
}

// Below crit an error's line has its caller's address and the request, query and all; where no API answered, of each scan.
std::string quiet_errors(const Site& s) { return "    error_log " + s.error_log + " crit;\n"; }

std::string redirect(const Site& s) {
  if (s.redirect_port == 0) return {};
  return fmt::format(
      "server {{\n"
      "    listen {0};\n"
      "    listen [::]:{0};\n"
      "    server_name {1};\n"
      "    server_tokens off;\n"
      "    access_log off;\n"
      "{2}"
      "    client_max_body_size 1k;\n"
      "    client_header_timeout 10s;\n"
      "    keepalive_timeout 0;\n"
      "    return 301 https://{1}$request_uri;\n"
      "}}\n",
      s.redirect_port, s.server_name, quiet_errors(s));
}

constexpr std::string_view kOwn = "# Made by `lotmark nginx` " LOTMARK_VERSION
                                  " (docs/operate/nginx.md). Make it anew rather than edit it.\n";

// Lines of a block, indented as nginx.conf has them.
std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (!line.empty()) out.append("    ").append(line);
    out += '\n';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace

std::string server_text(const Site& s) {
  return std::string(kOwn) + zones(s) + problem_maps() + "\n" + upstream(s) + "\n" + redirect(s) +
         "server {\n" + listening(s) +
         "    server_tokens off;\n"
         "    access_log " +
         s.access_log + " lotmark;\n" + quiet_errors(s) + tls(s) + "\n" + limits(s) + "\n" +
         std::string(kProxy) + "\n" + locations(s) + "    # What nginx answers itself.\n" +
         problem_pages() + "}\n";
}

std::string whole_text(const Site& s, const Places& p) {
  std::string out(kOwn);
  if (!p.user.empty()) out += "user " + p.user + ";\n";
  out += fmt::format(
      "worker_processes auto;\n"
      "worker_rlimit_nofile 16384;\n"
      "pid {0};\n"
      "error_log {1} crit;\n"
      "events {{\n"
      "    worker_connections 4096;\n"
      "}}\n"
      "http {{\n"
      "    types {{\n"
      "        text/html html;\n"
      "    }}\n"
      "    default_type application/octet-stream;\n"
      "    access_log off;\n"
      "    client_body_temp_path {2}/body;\n"
      "    proxy_temp_path {2}/proxy;\n"
      "    fastcgi_temp_path {2}/fastcgi;\n"
      "    uwsgi_temp_path {2}/uwsgi;\n"
      "    scgi_temp_path {2}/scgi;\n\n",
      p.pid, p.error_log, p.temp);
  std::string server = server_text(s);
  server.erase(0, kOwn.size());
  return out + indented(server) + "}\n";
}

}  // namespace lotmark::cli::nginx
