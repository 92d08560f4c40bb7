#!/bin/sh
# Makes the certificates and keys of this folder anew, with OpenSSL 3; they are valid from 2020 to 2120.
# Nothing secret: they serve tests alone. The password of encrypted keys is 'secret'.
set -e
cd "$(dirname "$0")"
rm -f ./*.pem
work=$(mktemp -d)
touch "$work/index"
cat > "$work/config" <<END
[ca]
default_ca = authority
[authority]
database = $work/index
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = default
policy = policy
[policy]
commonName = supplied
END
ec="-algorithm EC -pkeyopt ec_paramgen_curve:P-256"
key() { # name, options…
  name=$1
  shift
  openssl genpkey "$@" -out "$name.key.pem" 2> /dev/null
}
certificate() { # name of certificate, key, common name, issuer or '', extensions…
  name=$1 key=$2 subject=$3 issuer=$4
  shift 4
  printf '%s\n' "$@" > "$work/extensions"
  openssl req -new -key "$key.pem" -out "$work/request" -subj "/CN=$subject"
  if [ -n "$issuer" ]; then
    signer="-cert $issuer.pem -keyfile $issuer.key.pem"
  else
    signer="-selfsign -keyfile $key.pem"
  fi
  openssl ca -batch -notext -config "$work/config" $signer -startdate 20200101000000Z \
    -enddate 21200101000000Z -extfile "$work/extensions" -in "$work/request" -out "$name.pem" 2> /dev/null
}

# ---- authorities: the root that clients trust, and one below it
for name in root middle localhost other client stranger; do
  key $name $ec
done
authority='basicConstraints=critical,CA:TRUE'
certificate root root.key 'Test root' '' $authority keyUsage=critical,keyCertSign
certificate middle middle.key 'Test authority' root $authority keyUsage=critical,keyCertSign

# ---- servers: chain.pem is for localhost, other.pem for another name, client.pem for a client
server='extendedKeyUsage=serverAuth'
certificate localhost localhost.key localhost middle $server \
  'subjectAltName=DNS:localhost,DNS:server.test,IP:127.0.0.1,IP:::1'
certificate other other.key other.test root $server 'subjectAltName=DNS:other.test'
certificate client client.key 'a client' root extendedKeyUsage=clientAuth
cat localhost.pem middle.pem > chain.pem

# ---- a certificate that nobody vouches for, with its key in the same file
certificate alone stranger.key localhost '' 'subjectAltName=DNS:localhost' $authority
cat stranger.key.pem alone.pem > stranger.pem

# ---- keys in all forms that OpenSSL writes, with a certificate for each that signs
form() { # from, to, options of the encryption
  openssl pkcs8 -topk8 -passout pass:secret -in "$1" -out "$2" "$3" "$4"
}
openssl genrsa -traditional -out rsa-pkcs1.pem 2048 2> /dev/null
openssl pkcs8 -topk8 -nocrypt -in rsa-pkcs1.pem -out rsa-pkcs8.pem
form rsa-pkcs1.pem rsa-aes256.pem -v2 aes-256-cbc
form rsa-pkcs1.pem rsa-aes128-sha512.pem -v2prf hmacWithSHA512
form rsa-pkcs1.pem rsa-des3.pem -v2 des3
form rsa-pkcs1.pem rsa-pbe-sha1-3des.pem -v1 PBE-SHA1-3DES
openssl pkcs8 -topk8 -passout pass:secret -in rsa-pkcs1.pem -out rsa-scrypt.pem -scrypt
openssl rsa -traditional -aes256 -passout pass:secret -in rsa-pkcs1.pem -out rsa-dek.pem 2> /dev/null
for curve in P-256 P-384 P-521; do
  openssl ecparam -genkey -name $curve -out "ec-$curve.pem" 2> /dev/null # with EC PARAMETERS
done
openssl ec -in ec-P-256.pem -out ec-sec1.pem 2> /dev/null
openssl pkcs8 -topk8 -nocrypt -in ec-P-256.pem -out ec-pkcs8.pem
form ec-P-256.pem ec-aes256.pem -v2 aes-256-cbc
openssl ec -in ec-P-256.pem -param_enc explicit -out ec-explicit.pem 2> /dev/null
openssl genpkey -algorithm ED25519 -out ed25519.pem
openssl genpkey -algorithm ED448 -out ed448.pem
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.pem 2> /dev/null
for name in rsa-pkcs1 ec-P-256 ec-P-384 ec-P-521 ed25519 ed448 rsa-pss; do
  certificate $name.cert $name localhost '' 'subjectAltName=DNS:localhost' $authority
done

rm -rf "$work" middle.key.pem root.key.pem localhost.pem middle.pem stranger.key.pem alone.pem
chmod 644 ./*.pem
