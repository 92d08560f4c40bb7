#!/bin/sh
# Makes the certificates and keys of this folder anew, with OpenSSL 3; they are valid for a hundred years.
# Nothing secret: they serve tests alone. The password of encrypted keys is 'secret'.
set -e
cd "$(dirname "$0")"
rm -f ./*.pem
days="-days 36500"
new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc"

# ---- authorities: the root that clients trust, and one below it
openssl req -x509 $new $days -keyout root.key.pem -out root.pem -subj '/CN=Test root' \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
signed() { # name, subject, issuer, extensions…
  name=$1 subject=$2 issuer=$3
  shift 3
  printf '%s\n' "$@" > extensions.tmp
  openssl req $new -keyout "$name.key.pem" -out request.tmp -subj "$subject" 2>/dev/null
  openssl x509 -req $days -in request.tmp -out "$name.pem" -CA "$issuer.pem" -CAkey "$issuer.key.pem" \
    -set_serial "0x$(openssl rand -hex 8)" -extfile extensions.tmp 2>/dev/null
}
signed middle '/CN=Test authority' root basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign

# ---- servers: chain.pem is for localhost, other.pem for another name, client.pem for a client
server='extendedKeyUsage=serverAuth'
signed localhost '/CN=localhost' middle "$server" 'subjectAltName=DNS:localhost,DNS:server.test,IP:127.0.0.1,IP:::1'
signed other '/CN=other.test' root "$server" 'subjectAltName=DNS:other.test'
signed client '/CN=a client' root extendedKeyUsage=clientAuth
cat localhost.pem middle.pem > chain.pem

# ---- a certificate that nobody vouches for, with its key in the same file
openssl req -x509 $new $days -keyout stranger.key.pem -out stranger.cert.pem -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null
cat stranger.key.pem stranger.cert.pem > stranger.pem

# ---- keys in all forms that OpenSSL writes, with a certificate for each that signs
form() { openssl pkcs8 -topk8 -passout pass:secret -in "$1" -out "$2" "$3" "$4"; }
openssl genrsa -traditional -out rsa-pkcs1.pem 2048 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in rsa-pkcs1.pem -out rsa-pkcs8.pem
form rsa-pkcs1.pem rsa-aes256.pem -v2 aes-256-cbc
form rsa-pkcs1.pem rsa-aes128-sha512.pem -v2prf hmacWithSHA512
form rsa-pkcs1.pem rsa-des3.pem -v2 des3
form rsa-pkcs1.pem rsa-pbe-sha1-3des.pem -v1 PBE-SHA1-3DES
form rsa-pkcs1.pem rsa-scrypt.pem -scrypt -v2 aes-256-cbc 2>/dev/null || openssl pkcs8 -topk8 -scrypt \
  -passout pass:secret -in rsa-pkcs1.pem -out rsa-scrypt.pem
openssl rsa -traditional -aes256 -passout pass:secret -in rsa-pkcs1.pem -out rsa-dek.pem 2>/dev/null
for curve in P-256 P-384 P-521; do
  openssl ecparam -genkey -name $curve -out "ec-$curve.pem" 2>/dev/null # with EC PARAMETERS
done
openssl ec -in ec-P-256.pem -out ec-sec1.pem 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in ec-P-256.pem -out ec-pkcs8.pem
form ec-P-256.pem ec-aes256.pem -v2 aes-256-cbc
openssl ec -in ec-P-256.pem -param_enc explicit -out ec-explicit.pem 2>/dev/null
openssl genpkey -algorithm ED25519 -out ed25519.pem
openssl genpkey -algorithm ED448 -out ed448.pem
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.pem 2>/dev/null
for key in rsa-pkcs1 ec-P-256 ec-P-384 ec-P-521 ed25519 ed448 rsa-pss; do
  openssl req -x509 $days -key $key.pem -out $key.cert.pem -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost
done
rm -f ./*.tmp middle.key.pem root.key.pem localhost.pem middle.pem stranger.key.pem stranger.cert.pem
