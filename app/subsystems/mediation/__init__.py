"""矛盾纠纷: quarrels found, mediated, followed up and filed (plan 六(四)2, 机制二; GB/T 31000)."""

from app.subsystems.mediation import views as views
