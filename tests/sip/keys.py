"""An authority, and certificates that are its own, or look like it."""
import os
import ssl
import subprocess

NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """certificates for addresses, in a folder"""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.ca = self._path("ca.pem")
        self._selfsigned("ca", "subjectAltName=DNS:authority.example")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _selfsigned(self, name, names):
        openssl("req", "-x509", *NEW_KEY, "-days", "30", "-subj", f"/CN={name}", "-addext", names,
                "-keyout", self._path(f"{name}.key"), "-out", self._path(f"{name}.pem"))

    def files(self, name):
        """(certificate, key, authority)"""
        return self._path(f"{name}.pem"), self._path(f"{name}.key"), self.ca

    def issue(self, name, host, days=30):
        request, extensions = self._path(f"{name}.csr"), self._path(f"{name}.ext")
        openssl("req", *NEW_KEY, "-subj", f"/CN={name}", "-keyout", self._path(f"{name}.key"), "-out", request)
        with open(extensions, "w", encoding="ascii") as out:
            out.write(f"subjectAltName=IP:{host}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._path("ca.key"), "-CAcreateserial",
                "-days", str(days), "-extfile", extensions, "-out", self._path(f"{name}.pem"))
        return self.files(name)

    def forge(self, name, host):
        """for the right address, by nobody"""
        self._selfsigned(name, f"subjectAltName=IP:{host}")
        return self.files(name)

    def client(self):
        """a context that trusts it"""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ca)
        return context
